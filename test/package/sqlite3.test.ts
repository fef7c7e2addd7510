import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DataSource } from 'typeorm-0.3';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { backendOf } from '../../lib/backends/sql/open/sql-backend-of-url';
import type { SqlBackendOptions } from '../../lib/backends/sql/open/sql-options';
import { type Sqlite3, sqlite3 } from '../../lib/backends/sql/sqlite/drivers/sqlite3';
import { pathOfUrl } from '../../lib/backends/sql/sqlite/file/sqlite-path';
import { openSqlite } from '../../lib/backends/sql/sqlite/open-sqlite';
import { sqlite } from '../../lib/backends/sql/sqlite/sqlite-system';
import { silentLogger } from '../../lib/core/contract/logger';
import { newJob } from '../../lib/core/policy/job-options';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { sqlBackend, typeOrmBackend } from '../../lib/typeorm';
import { addCases } from '../orms/add.cases';
import { handleCases } from '../orms/handle.cases';
import { newFile } from '../orms/place';
import { sequelizeOnSqlite3 } from '../orms/sequelize';
import { coded } from '../support/coded';
import { temporaryFolder } from '../support/temporary-folder';
import { applicationOf } from '../support/tested-application';
import { run } from './command';

/*
 * The package sqlite3, which few still use, is compiled where npm finds no prebuilt one. So it is no dependency of the
 * repository: it is installed here, once, and stays until node_modules is made anew.
 */

const VERSION = '5.1.7';
const SECONDS_TO_COMPILE = 1800;
const CACHE = join(
  __dirname,
  `../../node_modules/.cache/job-queue/sqlite3-${VERSION}-${process.versions.modules}`,
);

let loaded: Promise<Sqlite3> | undefined;

/** The package, loaded. */
async function installed(): Promise<Sqlite3> {
  const addon = join(CACHE, 'node_modules/sqlite3/build/Release/node_sqlite3.node');
  if (!existsSync(addon)) {
    process.stderr.write(`Installing sqlite3 ${VERSION} for its tests; compiling it takes minutes.\n`);
    await mkdir(CACHE, { recursive: true });
    const manifest = { private: true, dependencies: { sqlite3: VERSION }, allowScripts: { sqlite3: true } };
    await writeFile(join(CACHE, 'package.json'), JSON.stringify(manifest));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], {
      cwd: CACHE,
      // Without optimizing it compiles in a fraction of the time, and the tests do not need it fast.
      environment: { CFLAGS: '-O0', CXXFLAGS: '-O0' },
      seconds: SECONDS_TO_COMPILE,
    });
  }
  return createRequire(join(CACHE, 'package.json'))('sqlite3') as Sqlite3;
}

beforeAll(() => (loaded ??= installed()), SECONDS_TO_COMPILE * 1000);

/** As it is where no other driver is installed. */
const queueBySqlite3 = (url: string, options: SqlBackendOptions = {}): SqlBackend =>
  backendOf(
    sqlite,
    async (...given) => openSqlite(pathOfUrl(url), sqlite3(await (loaded ??= installed())), ...given),
    options,
    silentLogger,
  );

const sequelize = sequelizeOnSqlite3(() => (loaded ??= installed()), {
  queue: queueBySqlite3,
  place: async () => newFile(sqlite3(await (loaded ??= installed()))),
});
addCases('sqlite', sequelize);
handleCases('sqlite', sequelize);

it('a transaction of another copy of SQLite than the queue’s is refused', async () => {
  const place = await newFile(sqlite3(await (loaded ??= installed())));
  const library = await sequelize.open(place.application);
  const queue = sqlBackend(place.queue);
  await queue.connect();
  await library.transaction(async (transaction) => {
    await expect(queue.features.transactions.put(transaction, 'orders', [newJob('1')])).rejects.toThrow(
      coded('INVALID_JOB_OPTION', {
        message: expect.stringContaining('of another copy of SQLite (Sequelize) than the queue') as string,
      }),
    );
    // Before this copy ends what the other one has open.
    expect(await queue.inspect.pipelines()).toEqual([]);
    await queue.close();
  });
  await library.close();
  await place.remove();
});

backendConformance('sqlite (sqlite3)', async () => {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'jobs.sqlite');
  const backend = queueBySqlite3(`sqlite:${file}`);
  await backend.connect();
  const dataSource = new DataSource({ type: 'sqlite', database: file, driver: await loaded });
  const application = await applicationOf((await dataSource.initialize()) as never);
  const close = async () => {
    await application.close();
    await backend.close();
    await folder.remove();
  };
  return { backend, application, close };
});

it('a DataSource of TypeORM 0.3 lends the copy of sqlite3 that it has loaded', async () => {
  const folder = await temporaryFolder();
  const driver = await loaded;
  const dataSource = new DataSource({ type: 'sqlite', database: join(folder.path, 'jobs.sqlite'), driver });
  await dataSource.initialize();
  const backend = typeOrmBackend({ dataSource: dataSource as never });
  await backend.connect();
  const job = { payload: '1', priority: 0, delay: 0, ttr: 60 };
  const [added] = await dataSource.transaction((manager) =>
    backend.features.transactions.put(manager, 'mail', [job]),
  );
  expect(await backend.inspect.find(added!.id)).toMatchObject({ payload: '1', state: 'ready' });
  await backend.close();
  await dataSource.destroy();
  await folder.remove();
});
