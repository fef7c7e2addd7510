import { askPostgres } from '../support/ask';
import { psql } from '../support/clients';
import { freshPostgresDatabase } from '../support/databases';
import { describeSchema, type SchemaDatabase } from './schema-cases';

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
