import { NEWEST_LAYOUT } from '../../lib/backends/sql/layouts/layout';
import { sqlBackend, type SqlOptions } from '../../lib/typeorm';
import { askPostgres } from '../support/ask';
import { psql } from '../support/clients';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { randomTable } from '../support/pipelines';
import { describeSchema, printedSchema, type SchemaDatabase } from './schema-cases';

async function open(searchPath = 'public'): Promise<SchemaDatabase> {
  const database = await freshPostgresDatabase();
  const { url } = database;
  return {
    url,
    dataSource: { type: 'postgres', url },
    client: (sql) => psql(url, `set search_path = ${searchPath};\n${sql}`),
    close: () => database.drop(),
  };
}

describeSchema('postgres', open);

describe('In a schema of its own', () => {
  async function openWithSchema(): Promise<SchemaDatabase> {
    const database = await open('queues');
    await askPostgres(database.url, 'create schema queues');
    return database;
  }
  describeSchema('postgres', openWithSchema, { schema: 'queues' });
});

describe('The functions of PostgreSQL', () => {
  let database: FreshDatabase;
  let table: string;

  beforeAll(async () => {
    database = await freshPostgresDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    table = randomTable();
    await connected({});
  });

  async function connected(options: SqlOptions): Promise<void> {
    const backend = sqlBackend(database.url, { table, ...options });
    await backend.connect();
    await backend.close();
  }

  const source = async (name: string) => {
    const [row] = await askPostgres(
      database.url,
      `select prosrc from pg_proc where proname = '${table}_${name}'`,
    );
    return row?.['prosrc'] as string | undefined;
  };

  // As a dump of the tables alone leaves them, and a version of the library that had another text.
  const changes = [
    ['is missing', (name: string) => `drop function ${table}_${name}`],
    [
      'has another text',
      (name: string) => `do $do$ begin
  execute (select replace(pg_get_functiondef(oid), 'job queue ', 'another text ') from pg_proc where proname = '${table}_${name}');
end $do$`,
    ],
  ] as const;

  it.each(changes)('are made anew where one %s', async (_what, change) => {
    for (const name of ['exchange', 'put']) {
      const before = await source(name);
      await askPostgres(database.url, change(name));
      expect(await source(name)).not.toBe(before);
      await connected({});
      expect(await source(name)).toBe(before);
    }
  });

  it('stay as they are where nothing is to be done', async () => {
    const version = `select xmin::text from pg_proc where proname = '${table}_exchange'`;
    const before = await askPostgres(database.url, version);
    await connected({});
    expect(await askPostgres(database.url, version)).toEqual(before);
  });

  it('are refused by name where one is missing and migrate is false', async () => {
    await askPostgres(database.url, `drop function ${table}_put`);
    await expect(connected({ migrate: false })).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: expect.stringMatching(
        `lacks its function.*${table}_put.*job-queue sql postgres --from`,
      ) as string,
    });
    await psql(database.url, await printedSchema('postgres', '--table', table, '--from', `${NEWEST_LAYOUT}`));
    await connected({ migrate: false });
  });
});
