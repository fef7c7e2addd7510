import type { Seconds } from '../../../../core/contract/job-data';
import type { ConnectionPool } from '../../connection/connections';
import { answered, DEADLINE } from '../../connection/deadline';
import { type PooledConnection, WatchedPool } from '../../connection/watched-pool';
import { written } from './mysql-literal';

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
  /** By which the server knows the connection. */
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

/** A connection, as `show processlist` has it. */
interface Thread {
  readonly Id: number | string;
  readonly User: string;
  /** With the port, behind a colon. */
  readonly Host: string;
  readonly db: string | null;
  readonly Command: string;
  /** For how long it has been in that state. */
  readonly Time: Seconds | string;
}

/** One that is idle for less may have just been given that number, by a server that has started again. */
const LONG_IDLE: Seconds = 3;

export class MysqlConnection implements PooledConnection {
  deadline = DEADLINE;
  broken: Error | undefined;
  private readonly reading: Reading;

  constructor(
    private readonly client: MysqlClient,
    readonly openedAt: number,
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

  /** Between two packets of a transaction it would keep rows locked until the server gives it up (wait_timeout: 8 h). */
  async endAtServer(by: MysqlConnection): Promise<boolean> {
    const number = String(this.client.threadId);
    const threads = await by.rows<Thread>('show processlist');
    const thread = threads.find(({ Id: id }) => String(id) === number);
    const own = threads.find(({ Id: id }) => String(id) === String(by.client.threadId));
    // Behind a proxy that has numbers of its own, or on another server, that number is somebody else's.
    if (!thread || !own || whoseOf(thread) !== whoseOf(own)) return true;
    if (thread.Command !== 'Sleep' || Number(thread.Time) < LONG_IDLE) return false;
    await by.rows(`kill ${Number(number)}`);
    return true;
  }

  onEnd(callback: () => void): void {
    this.client.stream?.once('close', callback);
  }

  private ask(sql: string): Promise<unknown> {
    return answered(
      this.deadline,
      () => this.cut(),
      (answer) => this.client.query({ ...this.reading, sql }, answer),
    );
  }

  private cut(): void {
    this.client.stream?.destroy();
  }
}

/** Its user, database and machine. */
function whoseOf({ User: user, Host: host, db }: Thread): string {
  return JSON.stringify([user, host.replace(/:\d+$/, ''), db]);
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
    super(
      {
        acquire: own ? prepared(pool, own) : (answer) => pool.getConnection(answer),
        watch: (opened) => void pool.on('connection', opened),
        ...(own && { end: () => new Promise((resolve) => pool.end(resolve)) }),
      },
      (client, openedAt) => new MysqlConnection(client, openedAt),
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
