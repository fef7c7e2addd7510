import { askMysql } from '../ask';
import { randomTable } from '../pipelines';
import { startMariadb } from './mariadb';
import { describePrivateServer } from './private-server.cases';

describePrivateServer('MariaDB', {
  start: startMariadb,
  store: async (url) => {
    const table = randomTable();
    await askMysql(url, `CREATE TABLE ${table} AS SELECT 1 AS id`);
    return table;
  },
  isStored: async (url, table) => (await askMysql(url, `SELECT id FROM ${table}`)).length === 1,
});
