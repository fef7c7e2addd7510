import type { ConnectionPool } from '../../connection/connections';
import { type MysqlClient, MysqlConnection } from './mysql-connection';

/** Whoever waits for a lock here holds up others: better to look again. */
const SESSION = 'set session innodb_lock_wait_timeout = 1';

interface OpenClient extends MysqlClient {
  connect(answer: (error: Error | null | undefined) => void): void;
  end(answer: () => void): void;
  readonly stream?: MysqlClient['stream'] & { unref?(): void };
}

/** What the clients of mysql2's pools derive from: a connection that belongs to no pool. */
type ClientClass = new (options: { config: object }) => OpenClient;

/**
 * One connection beside those of the application's pool, for those who hold one of the pool's while they wait for it:
 * as many transactions as the pool has connections would else wait for one more for ever. It is made as one of the
 * pool's is when it is first needed, and kept.
 */
export class SideConnection implements ConnectionPool<MysqlConnection> {
  /** Its release is the next one's turn. */
  readonly keepsSpare = false;
  private model: MysqlClient | undefined;
  private client: OpenClient | undefined;
  private connection: MysqlConnection | undefined;
  private turn: Promise<void> = Promise.resolve();
  private endTurn = (): void => {};

  constructor(private readonly pool: ConnectionPool<MysqlConnection>) {}

  /** A client of the pool, to know how they are made. */
  madeAs(client: MysqlClient): void {
    this.model ??= client;
  }

  async acquire(): Promise<MysqlConnection> {
    const Client = classOf(this.model);
    // Of a driver that is made in another way there is none.
    if (!Client) return this.pool.acquire();
    const before = this.turn;
    let endTurn = (): void => {};
    this.turn = new Promise((resolve) => (endTurn = resolve));
    await before;
    this.endTurn = endTurn;
    try {
      return (this.connection ??= await this.opened(Client));
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  async end(): Promise<void> {
    const { client } = this;
    this.forget();
    if (client) await new Promise<void>((resolve) => client.end(resolve));
  }

  private async opened(Client: ClientClass): Promise<MysqlConnection> {
    const client = new Client({ config: copyOf(this.model?.config ?? {}) });
    // Without a listener Node would end the process.
    client.on('error', () => this.forget());
    try {
      return await this.connected(client);
    } catch (error) {
      // Nobody else knows of it.
      client.destroy();
      throw error;
    }
  }

  private async connected(client: OpenClient): Promise<MysqlConnection> {
    await new Promise<void>((resolve, reject) =>
      client.connect((error) => (error ? reject(error) : resolve())),
    );
    // It is no reason for a process to stay.
    client.stream?.unref?.();
    const connection = new MysqlConnection(this.lent(client), performance.now());
    await connection.rows(SESSION);
    this.client = client;
    return connection;
  }

  private lent(client: OpenClient): MysqlClient {
    return {
      query: (query, answer) => client.query(query, answer),
      on: (event, listener) => client.on(event, listener),
      ...(client.config && { config: client.config }),
      ...(client.stream && { stream: client.stream }),
      release: () => this.endTurn(),
      destroy: () => {
        this.forget();
        client.destroy();
        this.endTurn();
      },
    };
  }

  private forget(): void {
    this.client = undefined;
    this.connection = undefined;
  }
}

function classOf(client: MysqlClient | undefined): ClientClass | undefined {
  const derived: unknown = client?.constructor;
  const base: unknown = typeof derived === 'function' ? Object.getPrototypeOf(derived) : undefined;
  if (typeof base !== 'function') return undefined;
  const { query, connect } = base.prototype as Partial<OpenClient>;
  return typeof query === 'function' && typeof connect === 'function' ? (base as ClientClass) : undefined;
}

/** The driver changes it. */
function copyOf(config: object): object {
  const prototype = Object.getPrototypeOf(config) as object;
  return Object.create(prototype, Object.getOwnPropertyDescriptors(config)) as object;
}
