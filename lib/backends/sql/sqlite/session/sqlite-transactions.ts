import type { DataSource, QueryRunner } from 'typeorm';
import type { Transacted } from '../../../../core/contract/features';
import { sleep } from '../../../../core/time/sleep';
import type { Hold, SqlDialect } from '../../engine/dialect';
import { ApplicationTransactions } from '../../transactions/application-transactions';
import { endAll } from '../../transactions/caller-transaction';
import type { Work } from '../../transactions/transactions-of-handlers';
import type { SerialExecutor } from './serial-executor';

/** How often to look whether the application's own transaction has ended, in seconds. */
const LOOK = 0.002;

/**
 * TypeORM has one connection to a SQLite file: a transaction that began while another one runs on it would become a
 * part of that. So handlers take turns, and wait for a transaction of the application's.
 *
 * They take the file's write lock at once, between two statements of the queue's own connection: a synchronous
 * driver that waited for a lock held in its own process would wait for ever.
 */
export class SqliteTransactions extends ApplicationTransactions {
  private last: Promise<unknown> = Promise.resolve();

  constructor(dataSource: DataSource, dialect: SqlDialect & { readonly db: SerialExecutor }) {
    super(dataSource, dialect);
    this.queue = dialect.db;
  }

  private readonly queue: SerialExecutor;

  override run(hold: Hold, work: Work): Promise<Transacted> {
    const turn = this.last.then(() => super.run(hold, work));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  protected override async begin(runner: QueryRunner): Promise<void> {
    do {
      while (runner.isTransactionActive) await sleep(LOOK);
    } while (!(await this.queue.between(() => this.lock(runner))));
  }

  /** False when the application has begun a transaction meanwhile. */
  private async lock(runner: QueryRunner): Promise<boolean> {
    const answer = (await runner.query('pragma busy_timeout')) as { timeout: number }[];
    await runner.query('pragma busy_timeout = 0');
    try {
      if (runner.isTransactionActive) return false;
      await runner.startTransaction();
      try {
        // Takes the lock, and deletes nothing.
        await runner.query(`delete from ${this.dialect.table.jobs} where 1 = 0`);
      } catch (error) {
        await endAll(runner);
        throw error;
      }
      return true;
    } finally {
      await runner.query(`pragma busy_timeout = ${answer[0]?.timeout ?? 0}`);
    }
  }
}
