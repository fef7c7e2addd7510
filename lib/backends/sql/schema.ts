import { BackendRefusedError, SchemaMismatchError } from '../../core/errors';
import type { SqlDialect } from './dialect';
import type { SqlSession } from './executor';
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
  'reason',
];

/**
 * The statements that make the queue's tables, in order. The jobs table comes after the others, so that it
 * stands for all of them even where a statement that makes a table cannot be rolled back.
 */
export function schemaStatements(dialect: SqlDialect): string[] {
  const [pauses = '', schema = '', ...jobs] = dialect.createTables();
  const version = [
    `delete from ${dialect.table.schema}`,
    `insert into ${dialect.table.schema} (version) values (${SCHEMA_VERSION})`,
  ];
  return [pauses, schema, ...version, ...jobs];
}

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
    for (const statement of schemaStatements(dialect)) await db.rows(statement);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new BackendRefusedError(
      dialect.name,
      `the table ${dialect.table.title} could not be made (${error.message}). Grant the right to create it, or create it yourself and set migrate to false.`,
      { cause: error },
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
