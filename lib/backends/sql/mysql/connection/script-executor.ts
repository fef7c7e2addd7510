import type { Connections } from '../../connection/connections';
import type { SqlSession } from '../../connection/executor';
import type { FaultReporter } from '../../connection/fault-reporter';
import { PooledExecutor } from '../../connection/pooled-executor';
import type { MysqlConnection } from './mysql-connection';
import { written } from './mysql-literal';

export interface ScriptStatement {
  readonly sql: string;
  readonly parameters?: readonly unknown[];
}

// READ COMMITTED: under REPEATABLE READ a claim also locks the gaps between jobs, and inserts wait for it.
const BEGIN = ['set transaction isolation level read committed'];

/** Several statements as one transaction: in one packet where the connection takes that, else one by one. */
export class ScriptExecutor extends PooledExecutor<MysqlConnection> {
  constructor(
    connections: Connections<MysqlConnection>,
    faults: FaultReporter,
    private readonly onePacket: boolean,
  ) {
    super(connections, faults, BEGIN);
  }

  /** Resolves with what each statement returns: rows, or the driver's result of a change. */
  script(statements: readonly ScriptStatement[]): Promise<object[][]> {
    return this.onePacket ? this.packet(statements) : this.transaction((db) => oneByOne(db, statements));
  }

  /** Lends one connection for work that is no transaction. */
  session<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.lend(work);
  }

  private packet(statements: readonly ScriptStatement[]): Promise<object[][]> {
    const sql = [
      ...BEGIN,
      'start transaction',
      ...statements.map(({ sql: statement, parameters = [] }) => written(statement, parameters)),
      'commit',
    ].join(';\n');
    return this.lend(async (connection) => {
      try {
        const answers = await connection.script(sql);
        return answers.slice(BEGIN.length + 1, -1);
      } catch (error) {
        // The packet ends at the statement that failed, with the transaction open.
        if (this.faults.faultOf(error) !== 'unavailable')
          await connection.rows('rollback').catch(() => undefined);
        throw error;
      }
    });
  }
}

export async function oneByOne(db: SqlSession, statements: readonly ScriptStatement[]): Promise<object[][]> {
  const answers: object[][] = [];
  for (const { sql, parameters } of statements) answers.push(await db.rows(sql, parameters));
  return answers;
}
