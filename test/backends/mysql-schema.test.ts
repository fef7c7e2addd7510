import { mysqlClient } from '../support/clients';
import { freshMysqlDatabase } from '../support/databases';
import { describeSchema, type SchemaDatabase } from './schema-cases';

async function open(): Promise<SchemaDatabase> {
  const database = await freshMysqlDatabase();
  const { url } = database;
  return {
    url,
    dataSource: { type: 'mysql', url },
    client: (sql) => mysqlClient(url, sql),
    close: () => database.drop(),
  };
}

describeSchema('mysql', open);

describe('With compression', () => describeSchema('mysql', open, { compression: true }));
