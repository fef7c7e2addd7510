import type { Seconds } from '../../../../core/contract/job-data';
import type { ConnectionPool } from '../../connection/connections';
import { answered, DEADLINE } from '../../connection/deadline';
import { type PooledConnection, WatchedPool } from '../../connection/watched-pool';
import { numbered } from '../../handles/placeholders';

/** The parts of `pg` that are needed here. It is not imported: the application's DataSource brings its own. */
export interface PgResult {
  readonly rows: object[];
  readonly rowCount: number | null;
}

interface PgQuery {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
  readonly types: typeof TYPES;
}

interface Stream {
  destroy(): void;
  once(event: 'close', listener: () => void): unknown;
}

export interface PgClient {
  query(query: PgQuery, answer: (error: Error | null | undefined, result: PgResult) => void): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  release?(destroy?: boolean): void;
  /** Missing in pg-native. */
  readonly connection?: { readonly stream: Stream };
}

export interface PgPool {
  readonly Client: new (options: object) => object;
  readonly options: { readonly password?: unknown };
  connect(answer: (error: Error | null | undefined, client: PgClient) => void): void;
  on(event: 'connect' | 'error', listener: (client: PgClient) => void): unknown;
  end(): Promise<void>;
}

/**
 * How values are read, whatever parsers the process has set for its own queries: small numbers and truth as such, and
 * all else, ids above all, as the text that the server sends.
 */
const TYPES = {
  getTypeParser: (type: number, format?: string): ((value: string) => unknown) => {
    if (format === 'binary') return (value) => value;
    return PARSERS[type] ?? ((value) => value);
  },
};

const PARSERS: Record<number, (value: string) => unknown> = {
  16: (value) => value === 't',
  21: Number,
  23: Number,
};

export class PostgresConnection implements PooledConnection {
  deadline = DEADLINE;
  broken: Error | undefined;

  constructor(
    private readonly client: PgClient,
    readonly openedAt: number,
  ) {
    // Without a listener Node would end the process.
    client.on('error', (error) => (this.broken ??= error));
  }

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.ask({ text: numbered(sql, parameters), values: parameters, types: TYPES });
    return rows as Row[];
  }

  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    const { rowCount } = await this.ask({
      text: numbered(sql, parameters),
      values: parameters,
      types: TYPES,
    });
    return rowCount ?? 0;
  }

  /** As `rows`, with a statement that the session parses and plans once. */
  async prepared<Row extends object>(
    name: string,
    sql: string,
    parameters: readonly unknown[],
  ): Promise<Row[]> {
    const { rows } = await this.ask({ name, text: sql, values: parameters, types: TYPES });
    return rows as Row[];
  }

  release(): void {
    this.client.release?.();
  }

  destroy(): void {
    this.cut();
    this.client.release?.(true);
  }

  onEnd(callback: () => void): void {
    this.client.connection?.stream.once('close', callback);
  }

  private ask(query: PgQuery): Promise<PgResult> {
    return answered(
      this.deadline,
      () => this.cut(),
      // pg says of a later statement only that there was an error.
      (answer) =>
        this.client.query(query, (error, result) => answer(error && (this.broken ?? error), result)),
    );
  }

  private cut(): void {
    this.client.connection?.stream.destroy();
  }
}

export interface PostgresSource extends ConnectionPool<PostgresConnection> {
  /** For a client that the caller has borrowed from the pool; each statement has the deadline. */
  borrowed(client: PgClient, deadline: Seconds): PostgresConnection;
  /** A connection beside those of the pool, to the same server, not connected yet. */
  newClient<T>(options: object): T;
}

export class PostgresPool extends WatchedPool<PgClient, PostgresConnection> implements PostgresSource {
  private static readonly shared = new WeakMap<PgPool, PostgresPool>();

  /** Of a pool of the application's. */
  static of(source: PgPool): PostgresPool {
    const known = PostgresPool.shared.get(source) ?? new PostgresPool(source, false);
    PostgresPool.shared.set(source, known);
    return known;
  }

  constructor(
    private readonly source: PgPool,
    isOurs: boolean,
  ) {
    super(
      {
        acquire: (answer) => source.connect(answer),
        watch: (opened) => void source.on('connect', opened),
        ...(isOurs && { end: () => source.end() }),
      },
      (client, openedAt) => new PostgresConnection(client, openedAt),
    );
    // An idle connection that breaks is replaced; without a listener Node would end the process.
    if (isOurs) source.on('error', () => undefined);
  }

  newClient<T>(options: object): T {
    const { Client, options: ofPool } = this.source;
    // pg hides the password from those who copy its options.
    const { password } = ofPool;
    return new Client({ ...ofPool, password, ...options }) as T;
  }
}
