import type {
  Consumer,
  Lister,
  Page,
  QueueBackend,
  TransactionalProducer,
} from '../../../core/contract/backend';
import { BackendClosedError } from '../../../core/contract/errors';
import type {
  JobId,
  JobSnapshot,
  JobState,
  NewJob,
  PipelineStats,
  RestingState,
  Seconds,
} from '../../../core/contract/job-data';
import { endsWithin } from '../../../core/time/sleep';
import type { Database } from '../connection/database';
import type { SqlSession } from '../connection/executor';
import { systemOf } from '../connection/sql-system';
import { ensureLayout } from '../layouts/ensure-layout';
import { afterCommit, runnerOf } from '../transactions/caller-transaction';
import { TransactingConsumer } from '../transactions/transacting-consumer';
import type { ClaimOrder } from './claim-order';
import type { NewRow, SqlDialect } from './dialect';
import { Lookout } from './lookout';
import type { PipelineNews } from './news';
import { PutBatcher } from './put-batcher';
import { BYTES_A_UNIT, pieces, STATEMENT_LIMITS, type StatementLimits } from './put-pieces';
import { SqlConsumer } from './sql-consumer';
import { SqlInspector } from './sql-inspector';

/** How long the server may take to end its connections. */
const CLOSING_TIME: Seconds = 2;

/** What there is while the backend is connected. */
interface Connection {
  readonly database: Database;
  readonly lookout: Lookout;
  readonly inspector: SqlInspector;
  readonly batcher: PutBatcher;
}

/** The queue in a table of PostgreSQL, MySQL, MariaDB or SQLite. */
export class SqlBackend implements QueueBackend, Lister, TransactionalProducer {
  private connecting: Promise<Connection> | undefined;
  private connection: Connection | undefined;
  private listening: Promise<void> | undefined;

  constructor(
    readonly name: string,
    private readonly openDatabase: () => Promise<Database>,
    /** Make the tables when they are missing. */
    private readonly migrate: boolean,
  ) {}

  async connect(): Promise<void> {
    this.connecting ??= this.opened();
    try {
      this.connection = await this.connecting;
    } catch (error) {
      this.connecting = undefined;
      throw error;
    }
  }

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]> {
    if (jobs.length === 0) return [];
    const { batcher } = this.connected;
    return batcher.put(Array.from(jobs, (job) => ({ pipeline, ...job })));
  }

  async putWithin(transaction: unknown, pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]> {
    const { database } = this.connected;
    const { dialect } = database;
    const runner = runnerOf(transaction, systemOf(dialect.name));
    const rows = Array.from(jobs, (job) => ({ pipeline, ...job }));
    try {
      const ids = await putPieces(dialect, pieces(rows, limitsOf(dialect)), await dialect.session(runner));
      afterCommit(runner, () => this.tell(rows, ids));
      return ids;
    } catch (error) {
      throw dialect.faults.reported(error);
    }
  }

  async consume(pipelines: readonly string[]): Promise<Consumer> {
    const { database, lookout } = this.connected;
    const { dialect, transactions } = database;
    // Before the consumer's first look: a job that is put in between would wait for the next one.
    await (this.listening ??= database.signals.open((news) => lookout.hint(news)));
    return transactions
      ? new TransactingConsumer(pipelines, dialect, lookout, transactions)
      : new SqlConsumer(pipelines, dialect, lookout);
  }

  async find(id: JobId): Promise<JobSnapshot | undefined> {
    return this.connected.inspector.find(id);
  }

  async peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    return this.connected.inspector.peek(pipeline, state);
  }

  async list(pipeline: string, state: JobState, page: Page): Promise<JobSnapshot[]> {
    return this.connected.inspector.list(pipeline, state, page);
  }

  async stats(pipeline: string): Promise<PipelineStats> {
    return this.connected.inspector.stats(pipeline);
  }

  async pipelines(): Promise<string[]> {
    return this.connected.inspector.pipelines();
  }

  async kick(pipeline: string, limit: number): Promise<number> {
    return this.connected.inspector.kick(pipeline, limit);
  }

  async kickJob(id: JobId): Promise<boolean> {
    return this.connected.inspector.kickJob(id);
  }

  async discard(id: JobId): Promise<boolean> {
    return this.connected.inspector.discard(id);
  }

  async clear(pipeline: string, state: RestingState): Promise<number> {
    return this.connected.inspector.clear(pipeline, state);
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    return this.connected.inspector.pause(pipeline, duration);
  }

  async resume(pipeline: string): Promise<void> {
    return this.connected.inspector.resume(pipeline);
  }

  async close(): Promise<void> {
    const { connection } = this;
    if (!connection) return;
    this.connection = undefined;
    this.connecting = undefined;
    this.listening = undefined;
    const { database } = connection;
    // The drivers wait for the answers to all statements, which never come from a server that is frozen.
    await endsWithin(
      CLOSING_TIME,
      database.signals.close().then(() => database.close()),
    );
  }

  private get connected(): Connection {
    if (!this.connection) throw new BackendClosedError(this.name);
    return this.connection;
  }

  private async opened(): Promise<Connection> {
    const database = await this.openDatabase();
    const { dialect, signals } = database;
    try {
      await dialect.checkServer();
      await ensureLayout(dialect, this.migrate);
    } catch (error) {
      await database.close();
      throw error;
    }
    const lookout = new Lookout(dialect, signals);
    const batcher = new PutBatcher((rows) => this.store(rows), limitsOf(dialect), dialect.name);
    return { database, lookout, inspector: new SqlInspector(dialect, lookout), batcher };
  }

  private async store(rows: readonly NewRow[]): Promise<JobId[]> {
    const { dialect, signals } = this.connected.database;
    const [first = [], ...others] = pieces(rows, limitsOf(dialect));
    if (others.length > 0) {
      const ids = await dialect.db.transaction((transaction) =>
        putPieces(dialect, [first, ...others], transaction),
      );
      this.tell(rows, ids);
      return ids;
    }
    const ride = rows.some(({ delay }) => delay === 0) ? signals.ride?.() : undefined;
    const ids = await dialect.put(rows, ride ? { ride } : {});
    this.tell(rows, ids, ride !== undefined);
    return ids;
  }

  private tell(rows: readonly NewRow[], ids: readonly JobId[], othersKnow = false): void {
    // After a commit of the application's the backend may be closed already; then there is nobody to tell.
    if (!this.connection) return;
    const { lookout } = this.connection;
    if (othersKnow) for (const news of newsOf(rows, ids)) lookout.hint(news);
    else lookout.announce(newsOf(rows, ids));
    const delays = rows.map((row) => row.delay).filter((delay) => delay > 0);
    if (delays.length > 0) lookout.expect(delays.reduce((a, b) => Math.min(a, b)));
  }
}

function limitsOf({ packet = Infinity }: SqlDialect): StatementLimits {
  return { ...STATEMENT_LIMITS, size: Math.min(STATEMENT_LIMITS.size, Math.floor(packet / BYTES_A_UNIT)) };
}

async function putPieces(
  dialect: SqlDialect,
  rows: Iterable<readonly NewRow[]>,
  transaction: SqlSession,
): Promise<JobId[]> {
  const ids: JobId[] = [];
  for (const piece of rows) ids.push(...(await dialect.put(piece, { transaction })));
  return ids;
}

/** For each pipeline that got ready jobs, a place before which none of them lies. */
function newsOf(rows: readonly NewRow[], ids: readonly JobId[]): Iterable<PipelineNews> {
  const news = new Map<string, PipelineNews & { first: ClaimOrder }>();
  for (const [index, { pipeline, priority, delay }] of rows.entries()) {
    if (delay > 0) continue;
    // Ids grow in a put: the first row's is the least.
    const known = news.get(pipeline)?.first ?? { priority, id: ids[index] as JobId };
    news.set(pipeline, { pipeline, first: { priority: Math.min(known.priority, priority), id: known.id } });
  }
  return news.values();
}
