import { join } from 'node:path';
import { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { findDriver, findNodeSqlite } from '../../lib/backends/sql/sqlite/drivers/find-driver';
import type { SqliteDriver } from '../../lib/backends/sql/sqlite/drivers/sqlite-driver';
import { openSqlite } from '../../lib/backends/sql/sqlite/open-sqlite';
import { sqlite } from '../../lib/backends/sql/sqlite/sqlite-system';
import { silentLogger } from '../../lib/core/contract/logger';
import { backendConformance, type SkippedCase } from '../../lib/testing/conformance/backend-conformance';
import { conformanceCases } from '../../lib/testing/conformance/conformance-cases';
import { temporaryFolder } from '../support/temporary-folder';
import { connectedApplication } from '../support/tested-application';

// Newer releases of Node have one of their own; test/package/sqlite-node.test.ts runs this file on such ones.
const nodeSqlite = findNodeSqlite();
if (nodeSqlite) conformance(nodeSqlite.name, () => nodeSqlite, { skip: ofTransactions() });
else conformance('better-sqlite3', findDriver);

function conformance(
  name: SqliteDriver['name'],
  find: () => SqliteDriver | Promise<SqliteDriver>,
  options: { skip?: readonly SkippedCase[] } = {},
): void {
  const open = async () => {
    const folder = await temporaryFolder();
    const driver = await find();
    expect(driver.name).toBe(name);
    const database = join(folder.path, 'jobs.sqlite');
    const backend = new SqlBackend(sqlite, () => openSqlite(database, driver, {}, silentLogger), true);
    await backend.connect();
    if (name === 'node:sqlite') return { backend, close: () => backend.close().then(() => folder.remove()) };
    const application = await connectedApplication({ type: 'better-sqlite3', database, enableWAL: true });
    const close = async () => {
      await application.close();
      await backend.close();
      await folder.remove();
    };
    return { backend, application, close };
  };
  backendConformance(`sqlite (${name})`, open, options);
}

function ofTransactions(): SkippedCase[] {
  return conformanceCases
    .filter(({ port }) => port === 'transactions' || port === 'scheduleTransactions')
    .map(({ name }) => ({ case: name, reason: 'TypeORM opens no file by node:sqlite' }));
}
