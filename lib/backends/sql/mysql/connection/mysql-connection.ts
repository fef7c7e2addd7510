import type { Seconds } from '../../../../core/contract/job-data';
import type { ConnectionPool } from '../../connection/connections';
import { answered, DEADLINE } from '../../connection/deadline';
import { type PooledConnection, WatchedPool } from '../../connection/watched-pool';
import { written } from './mysql-literal';
import { SilentThreads } from './silent-threads';

/** The parts of mysql2 that are needed here. It is not imported: the application's DataSource brings its own. */
export interface MysqlClient {
  query(
    query: Reading & { readonly sql: string; readonly timeout?: number },
    answer: (error: Error | null | undefined, result: unknown) => void,
  ): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  release(): void;
  destroy(): void;
  readonly config?: { readonly typeCast?: unknown };
  /** The server's number for the connection. */
  readonly threadId?: number | null;
  readonly stream?: {
    destroy(): void;
    once(event: 'close', listener: () => void): unknown;
  };
}

export interface MysqlClients {
  getConnection(answer: (error: Error | null | undefined, client: MysqlClient) => void): void;
  on(event: 'connection', listener: (client: MysqlClient) => void): unknown;
  end(answer: (error: unknown) => void): void;
}

type Reading = typeof READING | typeof READING_AS_USUAL;

/** How values are read, whatever the application's options are: 64-bit numbers, ids above all, as text. */
const READING = {
  supportBigNumbers: true,
  bigNumberStrings: true,
  typeCast: true,
  nestTables: false,
  rowsAsArray: false,
  namedPlaceholders: false,
} as const;

/** Where the application reads in its own way, mysql2 heeds nothing but a function. */
const READING_AS_USUAL = { ...READING, typeCast: (_field: unknown, next: () => unknown): unknown => next() };

export class MysqlConnection implements PooledConnection {
  deadline = DEADLINE;
  broken: Error | undefined;
  private readonly reading: Reading;
  private askedAt = 0;

  constructor(
    private readonly client: MysqlClient,
    readonly openedAt: number,
    private readonly silent = new SilentThreads(),
  ) {
    // Without a listener Node would end the process.
    client.on('error', (error) => (this.broken ??= error));
    this.reading = typeof client.config?.typeCast === 'function' ? READING_AS_USUAL : READING;
  }

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const answer = await this.ask(written(sql, parameters));
    return Array.isArray(answer) ? (answer as Row[]) : [];
  }

  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    const answer = await this.ask(written(sql, parameters));
    return (answer as { affectedRows?: number }).affectedRows ?? 0;
  }

  /** Several statements in one packet. Resolves with what each one returns: rows, or the driver's result of a change. */
  async script(sql: string): Promise<object[][]> {
    return (await this.ask(sql)) as object[][];
  }

  release(): void {
    this.client.release();
  }

  destroy(): void {
    this.cut();
    this.client.destroy();
  }

  prepare(): Promise<void> | undefined {
    return this.silent.any ? this.silent.end(this, this.client.threadId ?? 0) : undefined;
  }

  onEnd(callback: () => void): void {
    this.client.stream?.once('close', callback);
  }

  private ask(sql: string): Promise<unknown> {
    this.askedAt = performance.now();
    return answered(
      this.deadline,
      () => {
        this.cut();
        if (this.client.threadId) this.silent.add(this.client.threadId, this.askedAt);
      },
      (answer) => this.client.query({ ...this.reading, sql }, answer),
    );
  }

  private cut(): void {
    this.client.stream?.destroy();
  }
}

export interface MysqlSource extends ConnectionPool<MysqlConnection> {
  /** For a client that the caller has borrowed from the pool; each statement has the deadline. */
  borrowed(client: MysqlClient, deadline: Seconds): MysqlConnection;
}

/** What a pool of the queue's own is. */
export interface OwnPool {
  /** Statements in one packet, before anything else on a new connection. */
  readonly session: string;
  /** For these. */
  readonly timeout: Seconds;
}

export class MysqlPool extends WatchedPool<MysqlClient, MysqlConnection> implements MysqlSource {
  private static readonly shared = new WeakMap<MysqlClients, MysqlPool>();

  /** Of a pool of the application's. */
  static of(clients: MysqlClients): MysqlPool {
    const known = MysqlPool.shared.get(clients) ?? new MysqlPool(clients);
    MysqlPool.shared.set(clients, known);
    return known;
  }

  constructor(pool: MysqlClients, own?: OwnPool) {
    const silent = new SilentThreads();
    super(
      {
        acquire: own ? prepared(pool, own) : (answer) => pool.getConnection(answer),
        watch: (opened) => void pool.on('connection', opened),
        ...(own && { end: () => new Promise((resolve) => pool.end(resolve)) }),
      },
      (client, openedAt) => new MysqlConnection(client, openedAt, silent),
    );
  }
}

/** Makes the session of every new connection before it is lent. */
function prepared(pool: MysqlClients, { session, timeout }: OwnPool): MysqlClients['getConnection'] {
  const ready = new WeakSet<MysqlClient>();
  return (answer) =>
    pool.getConnection((error, client) => {
      if (error || ready.has(client)) return answer(error, client);
      client.query({ ...READING, sql: session, timeout: timeout * 1000 }, (failure) => {
        if (failure) client.destroy();
        else ready.add(client);
        answer(failure, client);
      });
    });
}
