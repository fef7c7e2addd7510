import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { jobQueueMigrations, sqlBackend, type TableOptions, typeOrmBackend } from '../../lib/typeorm';
import { randomTable } from '../support/pipelines';
import { put } from '../support/put';

const TYPESCRIPT = join(__dirname, '../nest/typescript.cjs');
const COMMAND = join(__dirname, '../../lib/bin/job-queue-schema.ts');

const execute = promisify(execFile);

/** What the command `job-queue-schema` prints. */
export async function printedSchema(...args: string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, ['--require', TYPESCRIPT, COMMAND, ...args]);
  return stdout;
}

/** An empty database. */
export interface SchemaDatabase {
  readonly url: string;
  /** How an application connects to it. */
  readonly dataSource: DataSourceOptions;
  /** Runs SQL with the database's own command-line client. */
  client(sql: string): Promise<string>;
  close(): Promise<void>;
}

const JOB = { payload: '"hello"', priority: 0, delay: 0, ttr: 60 };

/** What holds for tables that the queue does not make itself. */
export function describeSchema(
  system: 'postgres' | 'mysql' | 'sqlite',
  open: () => Promise<SchemaDatabase>,
  /** Beside the table's name. */
  further: TableOptions = {},
): void {
  describe(`The schema of ${system}`, () => {
    let database: SchemaDatabase;
    let options: TableOptions;

    beforeAll(async () => {
      database = await open();
    });
    afterAll(() => database.close());
    beforeEach(() => {
      options = { ...further, table: randomTable() };
    });

    async function useTable(): Promise<void> {
      const backend = sqlBackend(database.url, { ...options, migrate: false });
      await backend.connect();
      const [id] = await put(backend, 'mail', [JOB]);
      expect(await backend.inspect.find(id!)).toMatchObject({ payload: '"hello"', state: 'ready' });
      await backend.close();
    }

    it('is missing, and migrate is false: an error, and nothing is made', async () => {
      await expect(useTable()).rejects.toMatchObject({
        code: 'SCHEMA_MISMATCH',
        message: expect.stringMatching(`${options.table} does not exist, and migrate is false`) as string,
      });
      await expect(database.client(`select * from ${options.table}`)).rejects.toThrow(options.table);
    });

    it('printed by the command and run by the client is the one that the queue needs', async () => {
      const { table = '', schema, compression } = options;
      const args = [schema === undefined ? [] : ['--schema', schema], compression ? ['--compression'] : []];
      await database.client(await printedSchema(system, '--table', table, ...args.flat()));
      await useTable();
    });

    it('is made and dropped by the migration', async () => {
      const migrations = jobQueueMigrations(options);
      const dataSource = new DataSource({ ...database.dataSource, migrations });
      await dataSource.initialize();
      await dataSource.runMigrations();
      await useTable();

      const backend = typeOrmBackend({ dataSource, ...options, migrate: false });
      await backend.connect();
      await backend.close();

      for (let left = migrations.length; left > 0; left -= 1) await dataSource.undoLastMigration();
      await expect(useTable()).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
      await dataSource.destroy();
    });

    it('is made by migrations of its own names, so that there may be others', async () => {
      const other = randomTable();
      const dataSource = new DataSource({
        ...database.dataSource,
        migrations: [...jobQueueMigrations(options), ...jobQueueMigrations({ ...options, table: other })],
      });
      await dataSource.initialize();
      const names = (await dataSource.runMigrations()).map(({ name }) => name);
      for (const name of [options.table!, other]) {
        expect(names.filter((each) => each.includes(name))).toHaveLength(jobQueueMigrations().length);
      }
      expect(await dataSource.runMigrations()).toEqual([]);
      await dataSource.destroy();
      await useTable();
    });
  });
}
