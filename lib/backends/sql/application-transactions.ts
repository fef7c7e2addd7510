import type { DataSource, QueryRunner } from 'typeorm';
import type { Transacted } from '../../core/backend';
import { BackendUnavailableError } from '../../core/errors';
import type { Hold, SqlDialect } from './dialect';
import { RunnerSession } from './executor';

/** Transactions on the application's own DataSource, so that its entities and repositories can write in them. */
export class ApplicationTransactions {
  constructor(
    protected readonly dataSource: DataSource,
    protected readonly dialect: SqlDialect,
  ) {}

  /** As `Transactor.transact` has it. */
  async run(hold: Hold, work: (manager: object) => Promise<void>): Promise<Transacted> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await this.begin(runner);
      return await this.workAndCommit(runner, hold, work);
    } catch (error) {
      const reported = error instanceof WorkError ? error : this.dialect.faults.reported(error);
      if (reported instanceof BackendUnavailableError) return { outcome: 'failed', error: reported };
      throw error instanceof WorkError ? error.cause : error;
    } finally {
      await runner.release();
    }
  }

  protected async begin(runner: QueryRunner): Promise<void> {
    await runner.startTransaction();
  }

  protected workWith(runner: QueryRunner, work: (manager: object) => Promise<void>): Promise<void> {
    return work(runner.manager);
  }

  private async workAndCommit(
    runner: QueryRunner,
    hold: Hold,
    work: (manager: object) => Promise<void>,
  ): Promise<Transacted> {
    try {
      await this.workWith(runner, work).catch((error: unknown) => {
        throw new WorkError(error);
      });
      const ours = await this.dialect.remove(hold, new RunnerSession(runner));
      if (ours) await runner.commitTransaction();
      else await runner.rollbackTransaction();
      return { outcome: ours ? 'committed' : 'lost' };
    } catch (error) {
      // On a broken connection there is nothing left to roll back; the first error is the one to report.
      await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  }
}

/** What the application's code threw, to be told from what the database did, whatever it is. */
class WorkError extends Error {
  constructor(override readonly cause: unknown) {
    super('The work of the transaction has failed', { cause });
  }
}
