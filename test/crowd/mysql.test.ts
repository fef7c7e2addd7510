import { askMysql } from '../support/ask';
import { freshMysqlDatabase } from '../support/databases';
import { mysqlServer } from '../support/test-servers';
import { describeCrowd } from './crowd-cases';

describeCrowd(mysqlServer(), async () => {
  const database = await freshMysqlDatabase();
  return {
    url: database.url,
    ownTables: ['members'],
    tables: async () => {
      const tables = await askMysql(
        database.url,
        'select table_name as name from information_schema.tables where table_schema = database()',
      );
      return tables.map(({ name }) => String(name));
    },
    close: () => database.drop(),
  };
});
