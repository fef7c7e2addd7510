import { inspect as printing } from 'node:util';
import type { QueueBackend } from '../../../core/contract/backend';
import { BackendClosedError, InvalidConfigurationError } from '../../../core/contract/errors';
import type { TransactingLeases } from '../../../core/contract/features';
import type { JobId, NewJob, PutResult, Seconds } from '../../../core/contract/job-data';
import type { Leases, LostListener } from '../../../core/contract/leases';
import { type Logger, silentLogger } from '../../../core/contract/logger';
import { endsWithin } from '../../../core/time/sleep';
import { SqlCancelling } from '../cancelling/sql-cancelling';
import type { SqlSession } from '../connection/executor';
import { SqlEvents } from '../events/sql-events';
import { SqlHistory } from '../history/sql-history';
import { SqlJournal } from '../journal/sql-journal';
import { ensureLayout } from '../layouts/ensure-layout';
import type { Database } from '../open/database';
import type { SqlSystem } from '../open/sql-system';
import { PutBatcher } from '../puts/put-batcher';
import { limitsOf, pieces, putPieces, rowsOf } from '../puts/put-pieces';
import { added, type Arrival, changed, resultOf } from '../puts/put-results';
import { isUnique, keyOf, UniquePuts } from '../puts/unique-puts';
import { tell } from '../ready/arrivals';
import { Readiness } from '../ready/readiness';
import { newProcessName } from '../registry/process-name';
import { SqlRegistry } from '../registry/sql-registry';
import { SqlScheduleChanges } from '../schedules/sql-schedule-changes';
import { SqlSchedules } from '../schedules/sql-schedules';
import { type Caller, callerOf } from '../transactions/caller';
import { TransactingSqlLeases } from '../transactions/transacting-leases';
import type { Worked } from '../transactions/within';
import { SqlWaiting } from '../waiting/sql-waiting';
import type { NewRow, UniquePut } from './dialect';
import type { Engine } from './engine';
import { SqlAdmin } from './sql-admin';
import type { SqlFeatures } from './sql-features';
import { SqlInspector } from './sql-inspector';
import { SqlLeases } from './sql-leases';

/** How long the server may take to end its connections. */
const CLOSING_TIME: Seconds = 2;

/** Beside every payload: little enough for each limit that a server has on a statement. */
const MOST_HEADERS = 16_384;

/** What there is while the backend is connected. */
interface Connection extends Engine {
  readonly database: Database;
  readonly batcher: PutBatcher<JobId>;
  /** Of calls with unique keys, which may have to wait for others. */
  readonly uniqueBatcher: PutBatcher<UniquePut>;
  readonly uniquePuts: UniquePuts;
}

/** The queue in a table of PostgreSQL, MySQL, MariaDB or SQLite. */
export class SqlBackend implements QueueBackend {
  readonly name: string;
  readonly inspect = new SqlInspector(() => this.connected);
  readonly admin = new SqlAdmin(() => this.connected);
  readonly features: SqlFeatures;
  private readonly process = newProcessName();
  private readonly registry = new SqlRegistry(this.process, () => this.connected);
  private leases = 0;
  private readonly history = new SqlHistory(() => this.connected);
  private connecting: Promise<Connection> | undefined;
  private connection: Connection | undefined;

  constructor(
    private readonly system: Pick<SqlSystem, 'name' | 'dataSourceTypes'>,
    private readonly openDatabase: (logger: Logger) => Promise<Database>,
    /** Make the tables when they are missing. */
    private readonly migrate: boolean,
    /** Handlers can have transactions: those of the application are at hand. */
    hasTransactions = false,
  ) {
    this.name = system.name;
    this.features = {
      transactions: { put: (...args) => this.putWithin(...args) },
      listing: this.inspect,
      counting: this.inspect.counting,
      editing: this.admin,
      schedules: new SqlSchedules(
        () => this.connected,
        (work) => this.withinOwn(work),
      ),
      scheduleTransactions: {
        within: (transaction) =>
          new SqlScheduleChanges(
            () => this.connected,
            (work) => this.within(transaction, work),
          ),
      },
      journal: new SqlJournal(() => this.connected),
      cancelling: new SqlCancelling(() => this.connected),
      waiting: new SqlWaiting(() => this.connected),
      uniqueKeys: { find: async (pipeline, key) => this.connected.dialect.unique.find(pipeline, key) },
      headers: { mostBytes: MOST_HEADERS },
      registry: this.registry,
      history: this.history,
      events: new SqlEvents(() => this.connected),
      ...(hasTransactions && {
        handlerTransactions: { lease: (...args) => this.leaseTransacting(...args) },
      }),
    };
  }

  async connect(logger: Logger = silentLogger): Promise<void> {
    const connecting = (this.connecting ??= this.opened(logger));
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
    const { batcher, uniqueBatcher } = this.connected;
    const rows = rowsOf(pipeline, jobs);
    if (rows.some(isUnique)) return (await uniqueBatcher.put(rows)).map(resultOf);
    return added(await batcher.put(rows));
  }

  async lease(pipelines: readonly string[], onLost?: LostListener): Promise<Leases> {
    const { dialect, readiness } = await this.listened();
    return new SqlLeases(this.newLeasesName(), pipelines, dialect, readiness, onLost);
  }

  /** Also while it connects: what is opened by then is closed. */
  async close(): Promise<void> {
    const { connecting } = this;
    if (!connecting) return;
    this.connection = undefined;
    this.connecting = undefined;
    this.registry.close();
    // The drivers wait for the answers to all statements, which never come from a server that is frozen.
    await endsWithin(CLOSING_TIME, this.ended(connecting));
  }

  private async ended(connecting: Promise<Connection>): Promise<void> {
    const connection = await connecting.catch(() => undefined);
    if (!connection) return;
    await connection.readiness.close();
    await connection.database.close();
  }

  private putWithin(transaction: unknown, pipeline: string, jobs: readonly NewJob[]): Promise<PutResult[]> {
    return this.within(transaction, async (session) => {
      const { dialect, uniquePuts } = this.connected;
      const rows = rowsOf(pipeline, jobs);
      const keyed = rows.filter(isUnique);
      if (keyed.length > 0) {
        await dialect.unique.prepare?.(keyed);
        const puts = await uniquePuts.put(rows, session);
        return { result: puts.map(resultOf), arrivals: changed(rows, puts) };
      }
      const ids = await putPieces(dialect, pieces(rows, limitsOf(dialect)), session);
      return { result: added(ids), arrivals: rows };
    });
  }

  /** In a transaction of the application's. */
  private async within<T>(
    transaction: unknown,
    work: (session: SqlSession) => Promise<Worked<T>>,
  ): Promise<T> {
    const { dialect } = this.connected;
    const caller = await callerOf(transaction, dialect, this.system.dataSourceTypes);
    try {
      const { result, arrivals } = await work(caller.session);
      await this.tellAtCommit(caller, arrivals);
      return result;
    } catch (error) {
      throw dialect.faults.reported(error);
    }
  }

  private async withinOwn<T>(work: (session: SqlSession) => Promise<Worked<T>>): Promise<T> {
    const { result, arrivals } = await this.connected.dialect.db.transaction(work);
    this.committed(arrivals);
    return result;
  }

  private async leaseTransacting(
    pipelines: readonly string[],
    onLost?: LostListener,
  ): Promise<TransactingLeases> {
    const { database, dialect, readiness } = await this.listened();
    if (!database.transactions)
      throw new InvalidConfigurationError(
        'Handlers in transactions need those of the application: give the queue its DataSource, typeOrmBackend(), or the option transaction of sqlBackend().',
      );
    const name = this.newLeasesName();
    return new TransactingSqlLeases(name, pipelines, dialect, readiness, database.transactions, onLost);
  }

  /** The tokens of its claims begin with it, and it with the process's name. */
  private newLeasesName(): string {
    this.leases += 1;
    return `${this.process}${this.leases.toString(36)}`;
  }

  /** Before the first look of a worker: a job that is put in between would wait for the next one. */
  private async listened(): Promise<Connection> {
    const { connected } = this;
    await connected.readiness.hear();
    return connected;
  }

  private get connected(): Connection {
    if (!this.connection) throw new BackendClosedError(this.name);
    return this.connection;
  }

  private async opened(given: Logger): Promise<Connection> {
    const database = await this.openDatabase(given);
    const { dialect, wakeUp, logger = given } = database;
    try {
      await dialect.checkServer();
      await ensureLayout(dialect, this.migrate);
      for (const line of (await dialect.caveats?.()) ?? []) logger.warn(line);
    } catch (error) {
      await database.close();
      throw error;
    }
    const readiness = new Readiness(dialect, wakeUp, logger, this.history.limits);
    const limits = limitsOf(dialect);
    const uniquePuts = new UniquePuts(dialect, limits);
    return {
      database,
      dialect,
      readiness,
      uniquePuts,
      batcher: new PutBatcher((rows) => this.store(rows), limits, dialect.name),
      uniqueBatcher: new PutBatcher((rows) => this.storeUnique(rows), limits, dialect.name, keyOf),
    };
  }

  private async store(rows: readonly NewRow[]): Promise<JobId[]> {
    const { dialect } = this.connected;
    const [first = [], ...others] = pieces(rows, limitsOf(dialect));
    if (others.length === 0) {
      const ids = await dialect.put(first);
      this.tell(rows, (readiness, pipelines) => pipelines.forEach((pipeline) => readiness.wake(pipeline)));
      return ids;
    }
    const ids = await dialect.db.transaction((transaction) =>
      putPieces(dialect, [first, ...others], transaction),
    );
    this.committed(rows);
    return ids;
  }

  private async storeUnique(rows: readonly NewRow[]): Promise<UniquePut[]> {
    const puts = await this.connected.uniquePuts.put(rows);
    this.committed(changed(rows, puts));
    return puts;
  }

  private async tellAtCommit({ session, whenCommitted }: Caller, rows: readonly Arrival[]): Promise<void> {
    if (whenCommitted) return whenCommitted(() => this.committed(rows));
    let ready: readonly string[] = [];
    this.tell(rows, (_, pipelines) => (ready = pipelines));
    if (ready.length > 0) await this.connected.dialect.callers.announce?.(session, ready);
  }

  /** In a transaction, of whose end the dialect does not know. */
  private committed(rows: readonly Arrival[]): void {
    this.tell(rows, (readiness, pipelines) => readiness.announce(pipelines));
  }

  private tell(
    rows: readonly Arrival[],
    ofReady: (readiness: Readiness, pipelines: readonly string[]) => void,
  ): void {
    // After a commit of the application's the backend may be closed already; then no worker waits here.
    if (this.connection) tell(this.connection.readiness, rows, ofReady);
  }
}
