import { askPostgres } from '../support/ask';
import { freshPostgresDatabase } from '../support/databases';
import { describeCrowd } from './crowd-cases';

describeCrowd('PostgreSQL', async () => {
  const database = await freshPostgresDatabase();
  return {
    url: database.url,
    tables: async () => {
      const tables = await askPostgres(
        database.url,
        `select table_name as name from information_schema.tables where table_schema = 'public'`,
      );
      return tables.map(({ name }) => String(name));
    },
    close: () => database.drop(),
  };
});
