import type { Seconds } from '../../../../core/contract/job-data';
import type { Logger } from '../../../../core/contract/logger';
import { endsWithin } from '../../../../core/time/sleep';
import type { WakeUp } from '../../ready/wake-up';
import type { PostgresSource } from '../connection/postgres-connection';
import type { PostgresDialect } from '../postgres';

/** Between two attempts to listen; ever longer, because where a pooler forgets LISTEN it never works. */
const FIRST_RETRY: Seconds = 1;
const LONGEST_RETRY: Seconds = 60;
/** How long a notification to ourselves may take, from another connection. */
const PROOF_TIMEOUT: Seconds = 1;
/** A connection on which nothing is sent does not notice that the network swallows its packets. */
const PING: Seconds = 15;
const PING_TIMEOUT: Seconds = 5;

/** The parts of a `pg` client that are needed here. */
interface ListeningClient {
  connect(): Promise<void>;
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'notification', listener: (notification: { payload?: string }) => void): void;
  on(event: 'error' | 'end', listener: () => void): void;
}

interface Heard {
  readonly woken: (pipeline?: string) => void;
  readonly cancelled: (() => void) | undefined;
}

/**
 * LISTEN, on a connection of its own, so that an application's small pool is not used up by it. Where it does not work
 * (a pooler in transaction mode takes it and forgets it), one line says so, the poller asks, and it is tried again.
 */
export class ListenWakeUp implements WakeUp {
  private client: ListeningClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private warned = false;
  private closed = false;

  constructor(
    private readonly pool: PostgresSource,
    private readonly dialect: Pick<PostgresDialect, 'db' | 'notifier' | 'marks'>,
    /** Of connecting, and of each statement on the connection. */
    private readonly deadline: Seconds,
    private readonly logger: Logger,
  ) {}

  get arriving(): boolean {
    return this.client !== undefined;
  }

  async open(woken: Heard['woken'], cancelled?: Heard['cancelled']): Promise<void> {
    this.closed = false;
    await this.tryToListen({ woken, cancelled }, FIRST_RETRY);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.dialect.notifier.close();
    await this.client?.end().catch(() => undefined);
    this.client = undefined;
  }

  /** When it fails, it is tried again after that pause. */
  private async tryToListen(heard: Heard, pause: Seconds): Promise<void> {
    try {
      await this.listen(heard);
      if (this.warned) this.logger.log("PostgreSQL's LISTEN works again");
      this.warned = false;
    } catch (error) {
      if (this.closed) return;
      if (!this.warned) {
        this.logger.warn(
          `PostgreSQL's LISTEN does not work here, so that jobs of other processes may wait up to 1 s for a worker: ${messageOf(error)}`,
        );
      }
      this.warned = true;
      this.retry(heard, pause);
    }
  }

  private async listen(heard: Heard): Promise<void> {
    const client = this.pool.newClient<ListeningClient>({
      connectionTimeoutMillis: this.deadline * 1000,
      query_timeout: this.deadline * 1000,
      application_name: 'job-queue listen',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    const proof = `${Math.random()}`;
    let proven = (): void => {};
    const arrived = new Promise<void>((resolve) => (proven = resolve));
    client.on('notification', ({ payload = '' }) => {
      if (payload === proof) return proven();
      // Whoever may connect to the database may notify.
      if (this.dialect.notifier.tellsCancelled(payload)) return heard.cancelled?.();
      const pipeline = this.dialect.notifier.pipelineOf(payload);
      if (pipeline === undefined) return;
      this.dialect.marks.doubt(pipeline);
      heard.woken(pipeline);
    });
    client.on('error', () => this.lost(client, heard));
    client.on('end', () => this.lost(client, heard));
    try {
      await client.connect();
      await client.query(`listen "${this.dialect.notifier.channel}"`);
      // From another connection: in a pooler's transaction mode, one's own would come back in the same transaction.
      await this.dialect.db.rows('select pg_catalog.pg_notify($1, $2)', [
        this.dialect.notifier.channel,
        proof,
      ]);
      if (!(await endsWithin(PROOF_TIMEOUT, arrived)))
        throw new Error('a notification to ourselves did not arrive');
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    if (this.closed) return client.end().catch(() => undefined);
    this.client = client;
    this.pingLater(client, heard);
    this.dialect.marks.doubt();
    heard.woken();
  }

  private pingLater(client: ListeningClient, heard: Heard): void {
    this.timer = setTimeout(() => {
      const answer = client.query('select 1').catch(() => this.lost(client, heard));
      void endsWithin(PING_TIMEOUT, answer).then((answered) => {
        if (this.client !== client) return;
        if (answered) this.pingLater(client, heard);
        else this.lost(client, heard);
      });
    }, PING * 1000).unref();
  }

  private lost(client: ListeningClient, heard: Heard): void {
    if (this.client !== client || this.closed) return;
    clearTimeout(this.timer);
    this.client = undefined;
    void client.end().catch(() => undefined);
    // The workers find out by themselves whether the server is away, and tell; here it is only tried again.
    heard.woken();
    this.retry(heard, FIRST_RETRY);
  }

  private retry(heard: Heard, pause: Seconds): void {
    this.timer = setTimeout(
      () => void this.tryToListen(heard, Math.min(LONGEST_RETRY, pause * 2)),
      pause * 1000,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
