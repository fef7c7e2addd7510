import type { DataSource } from 'typeorm';
import { type SqlSession, withRunner } from '../connection/executor';
import type { FaultReporter } from '../connection/fault-reporter';
import { PooledExecutor } from '../connection/pooled-executor';

export interface ScriptStatement {
  readonly sql: string;
  readonly parameters?: readonly unknown[];
}

// READ COMMITTED: under REPEATABLE READ a claim also locks the gaps between jobs, and inserts wait for it.
const BEGIN = ['set transaction isolation level read committed'];

/** Several statements as one transaction: in one packet where the connection takes that, else one by one. */
export class ScriptExecutor extends PooledExecutor {
  constructor(
    dataSource: DataSource,
    faults: FaultReporter,
    private readonly onePacket: boolean,
  ) {
    super(dataSource, faults, BEGIN);
  }

  /** Answers what each statement answered: rows, or the driver's result of a change. */
  script(statements: readonly ScriptStatement[]): Promise<object[][]> {
    return this.onePacket ? this.packet(statements) : this.transaction((db) => oneByOne(db, statements));
  }

  private packet(statements: readonly ScriptStatement[]): Promise<object[][]> {
    const sql = [
      ...BEGIN,
      'start transaction',
      ...statements.map((statement) => statement.sql),
      'commit',
    ].join(';\n');
    const parameters = statements.flatMap((statement) => statement.parameters ?? []);
    return this.retried(() =>
      withRunner(this.dataSource, async (runner) => {
        try {
          const answers = (await runner.query(sql, parameters)) as object[][];
          return answers.slice(BEGIN.length + 1, -1);
        } catch (error) {
          // The packet ends at the statement that failed, with the transaction open.
          await runner.query('rollback').catch(() => undefined);
          throw error;
        }
      }),
    );
  }
}

export async function oneByOne(db: SqlSession, statements: readonly ScriptStatement[]): Promise<object[][]> {
  const answers: object[][] = [];
  for (const { sql, parameters } of statements) answers.push(await db.rows(sql, parameters));
  return answers;
}
