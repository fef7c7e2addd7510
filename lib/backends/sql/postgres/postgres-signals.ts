import type { Seconds } from '../../../core/contract/job-data';
import type { Logger } from '../../../core/contract/logger';
import type { SqlExecutor } from '../connection/executor';
import type { News, PipelineNews } from '../engine/news';
import type { Ride } from '../engine/ride';
import type { Signals } from '../engine/signals';
import type { PostgresSource } from './postgres-connection';
import { readNews } from './postgres-news';
import { PostgresNotifier } from './postgres-notifier';

/** Between two attempts to listen; ever longer, because where a pooler forgets LISTEN it never works. */
const FIRST_RETRY: Seconds = 1;
const LONGEST_RETRY: Seconds = 60;
/** Of a driver without a limit of its own. */
const CONNECT_TIMEOUT: Seconds = 10;
const MAX_CHANNEL_LENGTH = 63;

/** The parts of a `pg` client that are needed here. */
interface ListeningClient {
  connect(): Promise<void>;
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'notification', listener: (notification: { payload?: string }) => void): void;
  on(event: 'error' | 'end', listener: () => void): void;
}

/**
 * LISTEN/NOTIFY. It listens on a connection of its own, so that an application's small pool is not used up by it.
 * Where LISTEN does not work (a pooler in transaction mode takes it and forgets it), workers look by themselves and one
 * line says so.
 */
export class PostgresSignals implements Signals {
  arriving = false;

  private readonly channel: string;
  private client: ListeningClient | undefined;
  private retrying: NodeJS.Timeout | undefined;
  private warned = false;
  private closed = false;
  private readonly notifier: PostgresNotifier;

  constructor(
    private readonly pool: PostgresSource,
    private readonly db: SqlExecutor,
    table: string,
    private readonly logger: Logger,
  ) {
    // LISTEN cuts a longer name in silence, and NOTIFY refuses it.
    this.channel = table.slice(0, MAX_CHANNEL_LENGTH);
    this.notifier = new PostgresNotifier(db, this.channel);
  }

  async open(hint: (news?: News) => void): Promise<void> {
    this.closed = false;
    await this.tryToListen(hint, FIRST_RETRY);
  }

  announce(news: PipelineNews): void {
    this.notifier.announce(news);
  }

  ride(): Ride | undefined {
    return this.notifier.ride();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retrying);
    await this.notifier.close();
    await this.client?.end().catch(() => undefined);
    this.client = undefined;
  }

  private async listen(hint: (news?: News) => void): Promise<void> {
    const client = this.pool.newClient<ListeningClient>({
      connectionTimeoutMillis: CONNECT_TIMEOUT * 1000,
      application_name: 'job-queue listen',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    const proof = `${Math.random()}`;
    let proven = (): void => {};
    const arrived = new Promise<void>((resolve) => (proven = resolve));
    client.on('notification', ({ payload = '' }) => {
      if (payload === proof) return proven();
      const news = readNews(payload);
      if (news) hint(news);
    });
    client.on('error', () => this.lost(client, hint));
    client.on('end', () => this.lost(client, hint));
    try {
      await client.connect();
      await client.query(`listen "${this.channel}"`);
      // From another connection: in a pooler's transaction mode, one's own would come back in the same transaction.
      await this.db.rows('select pg_catalog.pg_notify($1, $2)', [this.channel, proof]);
      await withinASecond(arrived);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    if (this.closed) return client.end().catch(() => undefined);
    this.client = client;
    this.arriving = true;
    hint();
  }

  private lost(client: ListeningClient, hint: (news?: News) => void): void {
    if (this.client !== client || this.closed) return;
    this.client = undefined;
    this.arriving = false;
    // The workers find out by themselves that the server is away, and tell; here it is only tried again.
    hint();
    this.retry(hint, FIRST_RETRY);
  }

  private retry(hint: (news?: News) => void, pause: Seconds): void {
    this.retrying = setTimeout(() => {
      void this.tryToListen(hint, Math.min(LONGEST_RETRY, pause * 2));
    }, pause * 1000);
  }

  /** When it fails, it is tried again after that pause. */
  private async tryToListen(hint: (news?: News) => void, pause: Seconds): Promise<void> {
    try {
      await this.listen(hint);
      if (this.warned) this.logger.log("PostgreSQL's LISTEN works again");
      this.warned = false;
    } catch (error) {
      if (this.closed) return;
      if (!this.warned) {
        this.logger.warn(
          `PostgreSQL's LISTEN does not work here, workers look for jobs by themselves: ${messageOf(error)}`,
        );
      }
      this.warned = true;
      this.retry(hint, pause);
    }
  }
}

function withinASecond(arrived: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a notification to ourselves did not arrive')), 1000);
    void arrived.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
