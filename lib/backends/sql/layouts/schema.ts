import { BackendRefusedError, SchemaMismatchError } from '../../../core/contract/errors';
import { driverErrorOf } from '../connection/driver-error';
import type { SqlSession } from '../connection/executor';
import type { SqlDialect } from '../engine/dialect';
import { SCHEMA_VERSION } from './job-table';

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
 * Makes the tables when they are missing, by any number of processes at once, and refuses a table of another
 * layout without touching it.
 */
export async function ensureSchema(dialect: SqlDialect, migrate: boolean): Promise<void> {
  const columns = await dialect.existingColumns(dialect.db);
  if (columns.length > 0) return checkLayout(dialect, columns);
  if (!migrate) {
    throw new SchemaMismatchError(
      dialect.table.title,
      'does not exist, and migrate is false. Run the migration or the SQL of the command job-queue-schema first.',
    );
  }
  await dialect.exclusively(async (db) => {
    if ((await dialect.existingColumns(db)).length > 0) return;
    await makeTables(dialect, db);
  });
  await checkLayout(dialect, await dialect.existingColumns(dialect.db));
}

async function makeTables(dialect: SqlDialect, db: SqlSession): Promise<void> {
  try {
    for (const statement of dialect.createTables()) await db.rows(statement);
  } catch (error) {
    // A conflict or a broken connection is for those to handle who run the statements.
    if (dialect.faults.faultOf(error) !== 'refused') throw error;
    const { message, cause } = driverErrorOf(error);
    throw new BackendRefusedError(
      dialect.name,
      `the table ${dialect.table.title} could not be made (${message}). Grant the right to create it, or create it with the SQL of the command job-queue-schema and set migrate to false.`,
      { cause },
    );
  }
}

async function checkLayout(dialect: SqlDialect, columns: readonly string[]): Promise<void> {
  const missing = COLUMNS.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new SchemaMismatchError(
      dialect.table.title,
      `exists and is not the queue's: it has no column ${missing.join(', ')}. It was not touched; choose another name with the option table.`,
    );
  }
  const version = await layoutVersion(dialect);
  if (version !== SCHEMA_VERSION) {
    throw new SchemaMismatchError(
      dialect.table.title,
      `has layout ${version ?? 'of an unknown version'}, this version of the library needs ${SCHEMA_VERSION}. It was not touched.`,
    );
  }
}

async function layoutVersion(dialect: SqlDialect): Promise<number | undefined> {
  try {
    const [row] = await dialect.db.rows<{ version: number }>(`select version from ${dialect.table.schema}`);
    return row?.version;
  } catch (error) {
    if (error instanceof BackendRefusedError) return undefined;
    throw error;
  }
}
