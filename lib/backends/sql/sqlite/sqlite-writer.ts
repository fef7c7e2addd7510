import type { SqlSession } from '../connection/executor';
import type { FaultReporter } from '../connection/fault-reporter';
import type { OneWriter } from '../engine/dialect';
import type { JobTable } from '../layouts/job-table';
import type { SerialExecutor } from './session/serial-executor';

/** A synchronous driver that waited for a lock held in its own process would wait for ever. */
export class SqliteWriter implements OneWriter {
  constructor(
    private readonly db: SerialExecutor,
    private readonly faults: FaultReporter,
    private readonly table: JobTable,
  ) {}

  async lock(session: SqlSession): Promise<void> {
    const [before] = await session.rows<{ timeout: number }>('pragma busy_timeout');
    await session.rows('pragma busy_timeout = 0');
    try {
      const conflict = await this.db.between(() => this.conflictIn(session));
      if (conflict) throw conflict;
    } finally {
      await session.rows(`pragma busy_timeout = ${before?.timeout ?? 0}`);
    }
  }

  private async conflictIn(session: SqlSession): Promise<Error | undefined> {
    try {
      // Takes the lock, and deletes nothing.
      await session.change(`delete from ${this.table.jobs} where 1 = 0`);
    } catch (error) {
      // Another file has no such table: that is said where it is asked for.
      if (this.faults.faultOf(error) === 'conflict') return error as Error;
    }
    return undefined;
  }
}
