import type { Seconds } from '../../../core/contract/job-data';
import { sleep } from '../../../core/time/sleep';
import type { Connection, Connections } from './connections';
import { PATIENT_DEADLINE } from './deadline';
import type { SqlExecutor, SqlSession } from './executor';
import type { FaultReporter } from './fault-reporter';

/** Conflicts between transactions (deadlock, lock wait) are tried again this often. */
const CONFLICT_RETRIES = 10;
/** Before the second try; the pauses double, with jitter, so that those who met do not meet again. */
const FIRST_PAUSE: Seconds = 0.002;
const LONGEST_PAUSE: Seconds = 0.5;

/** Statements on a pool of connections, as PostgreSQL's and MySQL's drivers have it. */
export class PooledExecutor<C extends Connection> implements SqlExecutor {
  constructor(
    protected readonly connections: Connections<C>,
    protected readonly faults: FaultReporter,
    private readonly begin: readonly string[] = [],
    private readonly deadline = connections.deadline,
  ) {}

  /** The same, for statements that may rightly take long. */
  get patient(): this {
    const deadline = Math.max(this.deadline, PATIENT_DEADLINE);
    return Object.assign(Object.create(Object.getPrototypeOf(this) as object) as this, this, { deadline });
  }

  rows<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return this.lend((connection) => connection.rows<Row>(sql, parameters));
  }

  change(sql: string, parameters?: readonly unknown[]): Promise<number> {
    return this.lend((connection) => connection.change(sql, parameters));
  }

  /** By statements, and not by TypeORM's own: that would call the application's subscribers for the queue's commits. */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.lend(async (connection) => {
      for (const statement of this.begin) await connection.rows(statement);
      await connection.rows('start transaction');
      try {
        const result = await work(connection);
        await connection.rows('commit');
        return result;
      } catch (error) {
        // On a broken connection there is nothing left to roll back; the first error is the one to report.
        if (this.faults.faultOf(error) !== 'unavailable')
          await connection.rows('rollback').catch(() => undefined);
        throw error;
      }
    });
  }

  /** Lends a connection for some work, again after a conflict. */
  protected async lend<T>(work: (connection: C) => Promise<T>): Promise<T> {
    for (let attempt = 0, pause = FIRST_PAUSE; ; attempt += 1, pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      try {
        return await this.connections.lend(work, this.deadline);
      } catch (error) {
        if (this.faults.faultOf(error) !== 'conflict' || attempt === CONFLICT_RETRIES)
          throw this.faults.reported(error);
      }
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  }
}
