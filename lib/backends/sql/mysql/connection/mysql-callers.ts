import { read } from '../../../../core/checks/text';
import { driverErrorOf } from '../../connection/driver-error';
import type { SqlSession } from '../../connection/executor';
import { BACK_TO_MARK, type CallerRules, elsewhere, MARK, NOT_UNDER_WAY } from '../../handles/caller-rules';
import { type Handle, methodOf } from '../../handles/handle';
import { type MysqlClient, MysqlConnection } from './mysql-connection';

interface Place {
  readonly name: string | null;
  readonly host: string;
  readonly port: number | string;
}

const PLACE = 'select database() as name, @@hostname as host, @@port as port';

/** The server knows no such savepoint. */
const NO_SAVEPOINT = 1305;
/** MySQL takes no savepoint as a prepared statement. */
const NOT_PREPARED = 1295;
/** What is to hold for a transaction cannot be said within it. */
const WITHIN_TRANSACTION = 1568;

export class MysqlCallers implements CallerRules {
  readonly drivers = [mysql2];
  private ours: Place | undefined;
  /** In the queue's database, which is asked once. */
  private readonly known = new WeakSet<object>();

  constructor(private readonly db: SqlSession) {}

  /** A list in as many places as it has values: not every library takes one. */
  binding(this: void, sql: string, values: readonly unknown[]): readonly [string, readonly unknown[]] {
    if (!values.some(Array.isArray)) return [sql, values];
    let place = 0;
    const text = sql.replace(/\?/g, () => {
      const value = values[(place += 1) - 1];
      return Array.isArray(value) ? value.map(() => '?').join(', ') : '?';
    });
    return [text, values.flat()];
  }

  async problemOf(session: SqlSession, _handle: Handle, given: object): Promise<string | undefined> {
    return (await this.isUnderWay(session)) ? this.elsewhere(session, given) : NOT_UNDER_WAY;
  }

  async mark(session: SqlSession): Promise<boolean> {
    return !(await isRefused(session, MARK, NOT_PREPARED));
  }

  async undo(session: SqlSession): Promise<void> {
    await session.rows(BACK_TO_MARK);
  }

  /** Outside of a transaction a savepoint ends with the statement that makes it. */
  private async isUnderWay(session: SqlSession): Promise<boolean> {
    const refused = await isRefused(session, 'savepoint job_queue', NOT_PREPARED);
    if (!refused) return !(await isRefused(session, 'release savepoint job_queue', NO_SAVEPOINT));
    // Second, because libraries may log what is refused, and here that is the good case.
    return isRefused(session, 'set transaction read write', WITHIN_TRANSACTION);
  }

  private async elsewhere(session: SqlSession, given: object): Promise<string | undefined> {
    if (this.known.has(given)) return undefined;
    const [theirs] = await session.rows<Place>(PLACE);
    this.ours ??= (await this.db.rows<Place>(PLACE))[0];
    const { ours } = this;
    if (theirs && ours) {
      if (theirs.name !== ours.name)
        return elsewhere(`the database ${String(theirs.name)}`, `the database ${String(ours.name)}`);
      if (!isSameServer(theirs, ours) && !(await isOfCluster(session)))
        return elsewhere('a database of that name on another server', `the database ${String(ours.name)}`);
    }
    this.known.add(given);
    return undefined;
  }
}

/** Whether the server refuses the statement with that number. */
async function isRefused(session: SqlSession, sql: string, number: number): Promise<boolean> {
  try {
    await session.rows(sql);
    return false;
  } catch (error) {
    if (driverErrorOf(error).errno === number) return true;
    throw error;
  }
}

function isSameServer(one: Place, other: Place): boolean {
  return one.host === other.host && Number(one.port) === Number(other.port);
}

/** The nodes of a cluster have one database. */
async function isOfCluster(session: SqlSession): Promise<boolean> {
  const rows = await session.rows<{ Variable_name: string; Value: string }>(
    `show variables where variable_name in ('wsrep_on', 'group_replication_group_name')`,
  );
  return rows.some(({ Value: value }) => value !== '' && value.toLowerCase() !== 'off');
}

const connections = new WeakMap<object, MysqlConnection>();

/** A connection of mysql2, with callbacks or with promises. */
function mysql2(given: unknown): Handle | undefined {
  const inner = read(given, 'connection');
  const client = methodOf(inner, 'query') ? inner : given;
  if (!methodOf(client, 'query') || typeof read(client, 'threadId') !== 'number') return undefined;
  if (read(client, 'config') === undefined) return undefined;
  const connection = connectionOf(client as MysqlClient);
  return {
    library: 'mysql2',
    underWay: true,
    ask: (sql, values, yieldsRows) =>
      yieldsRows ? connection.rows(sql, values) : connection.change(sql, values),
  };
}

function connectionOf(client: MysqlClient): MysqlConnection {
  const known = connections.get(client);
  if (known) return known;
  const connection = new MysqlConnection(client, -Infinity);
  connections.set(client, connection);
  return connection;
}
