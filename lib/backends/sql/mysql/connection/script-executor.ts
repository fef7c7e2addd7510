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

/** A transaction of several packets. */
export interface Dialogue {
  ask(statements: readonly ScriptStatement[]): Promise<object[][]>;
  /** Not before what was asked has been answered; again only where a statement of it has failed, and then nothing is committed. */
  end(statements: readonly ScriptStatement[]): Promise<object[][]>;
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

  /**
   * As a script, of which later statements depend on what the earlier ones return: `ask` sends some, `end` the last
   * ones with the commit.
   */
  dialogue<T>(work: (dialogue: Dialogue) => Promise<T>): Promise<T> {
    if (!this.onePacket) {
      return this.transaction((db) =>
        work({ ask: (some) => oneByOne(db, some), end: (some) => oneByOne(db, some) }),
      );
    }
    return this.lend(async (connection) => {
      let begin: readonly string[] = [...BEGIN, 'start transaction'];
      const send = async (texts: readonly string[]): Promise<object[][]> => {
        const first = begin.length;
        const packet = [...begin, ...texts];
        begin = [];
        // Of a single statement the driver makes no list.
        const answers =
          packet.length === 1
            ? [await connection.rows(packet[0]!)]
            : await connection.script(packet.join(';\n'));
        return answers.slice(first);
      };
      try {
        return await work({
          ask: (statements) => send(textsOf(statements)),
          end: async (statements) => (await send([...textsOf(statements), 'commit'])).slice(0, -1),
        });
      } catch (error) {
        if (this.faults.faultOf(error) !== 'unavailable')
          await connection.rows('rollback').catch(() => undefined);
        throw error;
      }
    });
  }

  /** Lends one connection for work that is no transaction. */
  session<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.lend(work);
  }

  private packet(statements: readonly ScriptStatement[]): Promise<object[][]> {
    const sql = [...BEGIN, 'start transaction', ...textsOf(statements), 'commit'].join(';\n');
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

function textsOf(statements: readonly ScriptStatement[]): string[] {
  return statements.map(({ sql, parameters = [] }) => written(sql, parameters));
}

export async function oneByOne(db: SqlSession, statements: readonly ScriptStatement[]): Promise<object[][]> {
  const answers: object[][] = [];
  for (const { sql, parameters } of statements) answers.push(await db.rows(sql, parameters));
  return answers;
}
