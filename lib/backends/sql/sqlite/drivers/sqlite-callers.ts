import { read } from '../../../../core/checks/text';
import { driverErrorOf } from '../../connection/driver-error';
import type { SqlSession } from '../../connection/executor';
import { BACK_TO_MARK, type CallerRules, elsewhere, MARK, NOT_UNDER_WAY } from '../../handles/caller-rules';
import { type Handle, methodOf } from '../../handles/handle';
import { isSameFile } from '../file/file-identity';
import { SynchronousConnection, type SynchronousDatabase } from './synchronous-connection';

interface Place {
  /** Empty for a database in memory. */
  readonly file: string | null;
  /** Which SQLite it is, to the second of its making. */
  readonly source: string;
}

const PLACE = `select file, sqlite_source_id() as source from pragma_database_list where name = 'main'`;

export class SqliteCallers implements CallerRules {
  readonly drivers = [synchronous];

  constructor(
    private readonly db: SqlSession,
    private readonly path: string,
  ) {}

  binding(this: void, sql: string, values: readonly unknown[]): readonly [string, readonly unknown[]] {
    return [sql, values];
  }

  async problemOf(
    session: SqlSession,
    { library, underWay }: Handle,
    given: object,
  ): Promise<string | undefined> {
    const certain = synchronous(given) !== undefined;
    if (!(certain ? underWay : await isUnderWay(session))) return NOT_UNDER_WAY;
    const [theirs] = await session.rows<Place>(PLACE);
    if (!theirs?.file || !isSameFile(theirs.file, this.path))
      return elsewhere(theirs?.file ? 'another file' : 'a database in memory', `the file ${this.path}`);
    const [ours] = await this.db.rows<Place>(PLACE);
    if (theirs.source === ours?.source) return undefined;
    // Neither sees the other's locks: both would write at once, and one would lose what it wrote.
    return `of another copy of SQLite (${library}) than the queue's in this process: open the file by the same package in both`;
  }

  async mark(session: SqlSession): Promise<boolean> {
    await session.rows(MARK);
    return true;
  }

  async undo(session: SqlSession): Promise<void> {
    await session.rows(BACK_TO_MARK);
  }
}

/** SQLite has no function that says it, but refuses to begin another one, and that changes nothing. */
async function isUnderWay(session: SqlSession): Promise<boolean> {
  try {
    await session.rows('begin');
  } catch (error) {
    if (/within a transaction/i.test(driverErrorOf(error).message)) return true;
    throw error;
  }
  // What another one has written meanwhile on this connection stays.
  await session.rows('commit');
  return false;
}

/** The database of better-sqlite3 or node:sqlite, which know themselves whether a transaction is under way. */
function synchronous(given: unknown): Handle | undefined {
  const underWay = read(given, 'inTransaction') ?? read(given, 'isTransaction');
  if (typeof underWay !== 'boolean' || !methodOf(given, 'prepare')) return undefined;
  const connection = new SynchronousConnection(given as SynchronousDatabase);
  return {
    library: 'better-sqlite3 or node:sqlite',
    underWay,
    ask: async (sql, values, yieldsRows) =>
      yieldsRows ? connection.rows(sql, values) : connection.run(sql, values).changes,
  };
}
