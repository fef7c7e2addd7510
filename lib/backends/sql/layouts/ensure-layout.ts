import {
  BackendRefusedError,
  BackendUnavailableError,
  SchemaMismatchError,
} from '../../../core/contract/errors';
import { driverErrorOf } from '../connection/driver-error';
import type { SqlSession } from '../connection/executor';
import type { SqlDialect } from '../engine/dialect';
import { type DatabaseFunction, type FoundTable, NEWEST_LAYOUT, upgradeFrom } from './layout';

/** The columns that every layout has: a table without them is not the queue's. */
const COLUMNS = [
  'id',
  'pipeline',
  'payload',
  'state',
  'priority',
  'due_at',
  'ttr_ms',
  'token',
  'attempts',
  'timeouts',
  'kicks',
  'added_at',
  'retry',
  'reason',
];

/**
 * Makes the tables, or brings them to the newest layout, and replaces functions whose text has changed. Any number of
 * processes may do so at once. Refuses a table that is not the queue's, or is of a newer library, without touching it.
 */
export async function ensureLayout(dialect: SqlDialect, migrate: boolean): Promise<void> {
  const { db } = dialect;
  if ((await layoutOf(dialect, db)) === NEWEST_LAYOUT) {
    if ((await staleFunctions(dialect, db)).length === 0) return;
  }
  if (!migrate) return refuseToMigrate(dialect);
  await dialect.exclusively(async (session) => {
    const layout = await layoutOf(dialect, session);
    if (layout < NEWEST_LAYOUT)
      await run(dialect, session, upgradeFrom(dialect.history, dialect.table, layout));
    const stale = await staleFunctions(dialect, session);
    await run(
      dialect,
      session,
      stale.map(({ create }) => create),
    );
  });
}

/** The layout that the database has; 0 when there is no table. Throws when the queue cannot use the table. */
async function layoutOf(dialect: SqlDialect, db: SqlSession): Promise<number> {
  const found = await dialect.history.found(db);
  if (!found) return 0;
  checkTable(dialect, found);
  const version = await notedVersion(dialect, db);
  if (version === undefined || version < 1) {
    throw mismatch(dialect, `has no known layout: ${dialect.table.schema} is empty. It was not touched.`);
  }
  if (version > NEWEST_LAYOUT) {
    throw mismatch(
      dialect,
      `has layout ${version}, made by a newer version of the library; this one knows layouts up to ${NEWEST_LAYOUT}. Install the newer version, or go back by its migration. The table was not touched.`,
    );
  }
  return version;
}

function checkTable(dialect: SqlDialect, { columns, obstacle }: FoundTable): void {
  const missing = COLUMNS.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw mismatch(
      dialect,
      `exists and is not the queue's: it has no column ${missing.join(', ')}. It was not touched; choose another name with the option table.`,
    );
  }
  if (obstacle !== undefined) throw mismatch(dialect, `cannot be used: ${obstacle}. It was not touched.`);
}

async function notedVersion(dialect: SqlDialect, db: SqlSession): Promise<number | undefined> {
  try {
    const [row] = await db.rows<{ version: number | null }>(`select version from ${dialect.table.schema}`);
    return row?.version ?? undefined;
  } catch (error) {
    if (dialect.faults.faultOf(error) !== 'refused' || error instanceof BackendUnavailableError) throw error;
    const { message, cause } = driverErrorOf(error instanceof BackendRefusedError ? error.cause : error);
    throw new BackendRefusedError(
      dialect.name,
      `the layout of ${dialect.table.title} cannot be read (${message}). Grant the right to select from ${dialect.table.schema}, or restore it with its one row.`,
      { cause },
    );
  }
}

async function staleFunctions(dialect: SqlDialect, db: SqlSession): Promise<DatabaseFunction[]> {
  const stale: DatabaseFunction[] = [];
  for (const each of dialect.history.functions) {
    const source = await dialect.history.sourceOf?.(db, each.signature);
    if (!source?.includes(each.mark)) stale.push(each);
  }
  return stale;
}

/** A function with another text is good enough, as long as it is of this layout; a missing one is not. */
async function refuseToMigrate(dialect: SqlDialect): Promise<void> {
  const layout = await layoutOf(dialect, dialect.db);
  const sql = `job-queue sql ${dialect.name}`;
  const by = `migrate is false. Run the migration, or the SQL that ${sql} prints, first`;
  if (layout === 0) throw mismatch(dialect, `does not exist, and ${by}.`);
  if (layout < NEWEST_LAYOUT) {
    throw mismatch(
      dialect,
      `has layout ${layout}, this version of the library needs ${NEWEST_LAYOUT}, and ${by}: jobQueueMigration({ layout: ${layout + 1} }), or ${sql} --from ${layout}.`,
    );
  }
  for (const { signature } of await staleFunctions(dialect, dialect.db)) {
    if ((await dialect.history.sourceOf?.(dialect.db, signature)) === undefined) {
      throw mismatch(
        dialect,
        `lacks its function ${signature}, and ${by}: ${sql} --from ${NEWEST_LAYOUT} prints it.`,
      );
    }
  }
}

async function run(dialect: SqlDialect, db: SqlSession, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    try {
      await db.rows(statement);
    } catch (error) {
      if (dialect.history.isDone?.(error)) continue;
      // The caller handles a conflict or a broken connection.
      if (dialect.faults.faultOf(error) !== 'refused') throw error;
      const { message, cause } = driverErrorOf(error);
      throw new BackendRefusedError(
        dialect.name,
        `the table ${dialect.table.title} could not be made (${message}). Grant the right to create it, or create it with the SQL that job-queue sql ${dialect.name} prints, and set migrate to false.`,
        { cause },
      );
    }
  }
}

function mismatch(dialect: SqlDialect, problem: string): SchemaMismatchError {
  return new SchemaMismatchError(dialect.table.title, problem);
}
