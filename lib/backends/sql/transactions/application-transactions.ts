import type { DataSource, QueryRunner } from 'typeorm';
import { BackendUnavailableError, InvalidJobOptionError } from '../../../core/contract/errors';
import type { Transacted } from '../../../core/contract/features';
import type { Keep } from '../../../core/contract/ports/history';
import { isOfDatabase, isOfTypeOrm } from '../connection/driver-error';
import type { BorrowedSession } from '../connection/executor';
import type { Hold, SqlDialect } from '../engine/dialect';
import { endAll } from './caller-transaction';
import { lend } from './lent-runner';
import { depthOf } from './transaction-depth';
import type { TransactionsOfHandlers, Work } from './transactions-of-handlers';

/** Transactions on the application's own DataSource, so that its entities and repositories can write in them. */
export class ApplicationTransactions implements TransactionsOfHandlers {
  constructor(
    protected readonly dataSource: DataSource,
    protected readonly dialect: SqlDialect,
  ) {}

  async run(hold: Hold, work: Work): Promise<Transacted> {
    const runner = this.dataSource.createQueryRunner();
    let session: BorrowedSession | undefined;
    try {
      try {
        // First of all: of a connection that breaks, it knows why, and TypeORM says only that its runner is released.
        session = await this.dialect.session(runner);
        await this.begin(runner);
      } catch (error) {
        return { outcome: 'failed', error: this.unavailable(session?.broken ?? error) };
      }
      return await this.workAndCommit(runner, session, hold, work);
    } finally {
      await runner.release();
    }
  }

  protected async begin(runner: QueryRunner): Promise<void> {
    await runner.startTransaction(this.dialect.isolation);
  }

  private async workAndCommit(
    runner: QueryRunner,
    session: BorrowedSession,
    hold: Hold,
    work: Work,
  ): Promise<Transacted> {
    const { manager, takeBack } = lend(runner, this.dataSource);
    let keep: Keep | undefined;
    try {
      keep = (await work(manager)) ?? undefined;
      refuseOpenSavepoint(runner);
    } catch (error) {
      // From here on nothing that the handler still does can come behind the rollback, where it would stay.
      takeBack();
      await endAll(runner);
      const { broken } = session;
      // The handler has not failed.
      if (broken && isOfTypeOrm(error)) return { outcome: 'failed', error: this.unavailable(broken) };
      throw error;
    }
    takeBack();
    let committing = false;
    try {
      const ours = await this.dialect.remove(hold, session, keep);
      committing = ours;
      if (ours) await runner.commitTransaction();
      else await endAll(runner);
      return { outcome: ours ? 'committed' : 'lost' };
    } catch (error) {
      await endAll(runner);
      // A subscriber of the application's has thrown at the commit.
      if (committing && !isOfDatabase(error)) throw error;
      return { outcome: 'failed', error: this.unavailable(session.broken ?? error) };
    }
  }

  /** Throws what is no outage. */
  private unavailable(error: unknown): BackendUnavailableError {
    const reported = this.dialect.faults.reported(error);
    if (reported instanceof BackendUnavailableError) return reported;
    throw error;
  }
}

/** One that is not awaited: TypeORM would end it where the whole transaction was to end. */
function refuseOpenSavepoint(runner: QueryRunner): void {
  if (depthOf(runner) === 1) return;
  throw new InvalidJobOptionError(
    'manager still has a transaction open within the job’s: await it in the handler',
  );
}
