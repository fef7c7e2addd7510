import { join } from 'node:path';
import { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { findDriver, findNodeSqlite } from '../../lib/backends/sql/sqlite/drivers/find-driver';
import type { SqliteDriver } from '../../lib/backends/sql/sqlite/drivers/sqlite-driver';
import { openSqlite } from '../../lib/backends/sql/sqlite/open-sqlite';
import { silentLogger } from '../../lib/core/contract/logger';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { temporaryFolder } from '../support/temporary-folder';

// Newer releases of Node have one of their own; test/package/sqlite-node.test.ts runs this file on such ones.
const nodeSqlite = findNodeSqlite();
if (nodeSqlite) conformance('node:sqlite', () => nodeSqlite);
else conformance('better-sqlite3', findDriver);

function conformance(driver: SqliteDriver['name'], find: () => SqliteDriver | Promise<SqliteDriver>): void {
  backendConformance(`sqlite (${driver})`, async () => {
    const folder = await temporaryFolder();
    const found = await find();
    expect(found.name).toBe(driver);
    const file = join(folder.path, 'jobs.sqlite');
    const backend = new SqlBackend('sqlite', () => openSqlite(file, found, {}, silentLogger), true);
    await backend.connect();
    return { backend, close: () => backend.close().then(() => folder.remove()) };
  });
}
