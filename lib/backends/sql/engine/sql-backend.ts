import { inspect as printing } from 'node:util';
import type { QueueBackend } from '../../../core/contract/backend';
import { BackendClosedError, InvalidConfigurationError } from '../../../core/contract/errors';
import type {
  CallerTransactions,
  Features,
  HandlerTransactions,
  Listing,
  TransactingLeases,
} from '../../../core/contract/features';
import type { JobId, NewJob, PutResult, Seconds } from '../../../core/contract/job-data';
import type { Leases } from '../../../core/contract/leases';
import { endsWithin } from '../../../core/time/sleep';
import type { Database } from '../connection/database';
import type { SqlSession } from '../connection/executor';
import { systemOf } from '../connection/sql-system';
import { ensureLayout } from '../layouts/ensure-layout';
import { afterCommit, runnerOf } from '../transactions/caller-transaction';
import { TransactingSqlLeases } from '../transactions/transacting-leases';
import type { ClaimOrder } from './claim-order';
import type { NewRow, SqlDialect } from './dialect';
import type { Engine } from './engine';
import { Lookout } from './lookout';
import type { PipelineNews } from './news';
import { PutBatcher } from './put-batcher';
import { BYTES_A_UNIT, pieces, STATEMENT_LIMITS, type StatementLimits } from './put-pieces';
import { SqlAdmin } from './sql-admin';
import { SqlInspector } from './sql-inspector';
import { SqlLeases } from './sql-leases';

/** How long the server may take to end its connections. */
const CLOSING_TIME: Seconds = 2;

/** What there is while the backend is connected. */
interface Connection extends Engine {
  readonly database: Database;
  readonly batcher: PutBatcher;
}

/** What every SQL backend can do, and what only one on a DataSource of the application can. */
export interface SqlFeatures extends Features {
  readonly transactions: CallerTransactions;
  readonly listing: Listing;
  readonly handlerTransactions?: HandlerTransactions;
}

/** The queue in a table of PostgreSQL, MySQL, MariaDB or SQLite. */
export class SqlBackend implements QueueBackend {
  readonly inspect = new SqlInspector(() => this.connected);
  readonly admin = new SqlAdmin(() => this.connected);
  readonly features: SqlFeatures;
  private connecting: Promise<Connection> | undefined;
  private connection: Connection | undefined;
  private listening: Promise<void> | undefined;

  constructor(
    readonly name: string,
    private readonly openDatabase: () => Promise<Database>,
    /** Make the tables when they are missing. */
    private readonly migrate: boolean,
    /** Handlers can have transactions: the database is the application's own. */
    ofApplication = false,
  ) {
    this.features = {
      transactions: { put: (...args) => this.putWithin(...args) },
      listing: this.inspect,
      ...(ofApplication && {
        handlerTransactions: { lease: (pipelines) => this.leaseTransacting(pipelines) },
      }),
    };
  }

  async connect(): Promise<void> {
    const connecting = (this.connecting ??= this.opened());
    try {
      const connection = await connecting;
      if (this.connecting === connecting) this.connection = connection;
    } catch (error) {
      if (this.connecting === connecting) this.connecting = undefined;
      throw error;
    }
    if (this.connecting !== connecting) throw new BackendClosedError(this.name);
  }

  /** Whoever prints a backend prints nothing of its connections, which hold a password. */
  toJSON(): object {
    return { name: this.name };
  }

  [printing.custom](): string {
    return `SqlBackend { name: '${this.name}' }`;
  }

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<PutResult[]> {
    if (jobs.length === 0) return [];
    const { batcher } = this.connected;
    return added(await batcher.put(Array.from(jobs, (job) => ({ pipeline, ...job }))));
  }

  async lease(pipelines: readonly string[]): Promise<Leases> {
    const { dialect, lookout } = await this.listened();
    return new SqlLeases(pipelines, dialect, lookout);
  }

  /** Also while it connects: what is opened by then is closed. */
  async close(): Promise<void> {
    const { connecting } = this;
    if (!connecting) return;
    this.connection = undefined;
    this.connecting = undefined;
    this.listening = undefined;
    // The drivers wait for the answers to all statements, which never come from a server that is frozen.
    await endsWithin(CLOSING_TIME, this.ended(connecting));
  }

  private async ended(connecting: Promise<Connection>): Promise<void> {
    const connection = await connecting.catch(() => undefined);
    if (!connection) return;
    const { database } = connection;
    await database.signals.close();
    await database.close();
  }

  private async putWithin(
    transaction: unknown,
    pipeline: string,
    jobs: readonly NewJob[],
  ): Promise<PutResult[]> {
    const { dialect } = this.connected;
    const runner = runnerOf(transaction, systemOf(dialect.name));
    const rows = Array.from(jobs, (job) => ({ pipeline, ...job }));
    try {
      const ids = await putPieces(dialect, pieces(rows, limitsOf(dialect)), await dialect.session(runner));
      afterCommit(runner, () => this.tell(rows, ids));
      return added(ids);
    } catch (error) {
      throw dialect.faults.reported(error);
    }
  }

  private async leaseTransacting(pipelines: readonly string[]): Promise<TransactingLeases> {
    const { database, dialect, lookout } = await this.listened();
    if (!database.transactions) throw new InvalidConfigurationError('The database is not the application’s.');
    return new TransactingSqlLeases(pipelines, dialect, lookout, database.transactions);
  }

  /** Before the first look of a worker: a job that is put in between would wait for the next one. */
  private async listened(): Promise<Connection> {
    const { connected } = this;
    await (this.listening ??= connected.database.signals.open((news) => connected.lookout.hint(news)));
    return connected;
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
    return { database, dialect, lookout, batcher };
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

function added(ids: readonly JobId[]): PutResult[] {
  return ids.map((id) => ({ id, existed: false }));
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
