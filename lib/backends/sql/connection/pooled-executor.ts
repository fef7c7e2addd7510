import type { DataSource } from 'typeorm';
import { RunnerSession, type SqlExecutor, type SqlSession, withRunner } from './executor';
import type { FaultReporter } from './fault-reporter';

/** Conflicts between transactions (deadlock, lock wait) are tried again this often. */
const CONFLICT_RETRIES = 10;

/** Statements on a pool of connections, as PostgreSQL's and MySQL's drivers have it. */
export class PooledExecutor implements SqlExecutor {
  constructor(
    protected readonly dataSource: DataSource,
    protected readonly faults: FaultReporter,
    private readonly begin: readonly string[] = [],
  ) {}

  rows<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return this.retried(() =>
      withRunner(this.dataSource, (runner) => new RunnerSession(runner).rows<Row>(sql, parameters)),
    );
  }

  change(sql: string, parameters?: readonly unknown[]): Promise<number> {
    return this.retried(() =>
      withRunner(this.dataSource, (runner) => new RunnerSession(runner).change(sql, parameters)),
    );
  }

  /** By statements, and not by TypeORM's own: that would call the application's subscribers for the queue's commits. */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.retried(() =>
      withRunner(this.dataSource, async (runner) => {
        for (const statement of this.begin) await runner.query(statement);
        await runner.query('start transaction');
        try {
          const result = await work(new RunnerSession(runner));
          await runner.query('commit');
          return result;
        } catch (error) {
          // On a broken connection there is nothing left to roll back; the first error is the one to report.
          await runner.query('rollback').catch(() => undefined);
          throw error;
        }
      }),
    );
  }

  protected async retried<T>(statement: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await statement();
      } catch (error) {
        if (this.faults.faultOf(error) !== 'conflict' || attempt === CONFLICT_RETRIES)
          throw this.faults.reported(error);
      }
    }
  }
}
