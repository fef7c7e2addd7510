import { askPostgres } from '../ask';
import { randomTable } from '../pipelines';
import { startPostgres } from './postgres';
import { describePrivateServer } from './private-server.cases';

describePrivateServer('PostgreSQL', {
  start: startPostgres,
  store: async (url) => {
    const table = randomTable();
    await askPostgres(url, `CREATE TABLE ${table} AS SELECT 1 AS id`);
    return table;
  },
  isStored: async (url, table) => (await askPostgres(url, `SELECT id FROM ${table}`)).length === 1,
});
