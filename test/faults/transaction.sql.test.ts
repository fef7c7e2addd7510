import { join } from 'node:path';
import { DataSource } from 'typeorm';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { newJob } from '../../lib/core/policy/job-options';
import { typeOrmBackend } from '../../lib/typeorm';
import { type ApplicationDatabase, applicationDatabases } from '../support/application-databases';
import { freshMysqlDatabase, freshPostgresDatabase } from '../support/databases';
import { startMariadb } from '../support/servers/mariadb';
import { startMysql } from '../support/servers/mysql';
import { startPostgres } from '../support/servers/postgres';
import type { PrivateServer } from '../support/servers/private-server';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';

const WORKER = join(__dirname, 'support/mortal-transactions.ts');
const PIPELINE = 'mortal';
const STEPS = ['before the write', 'after the write', 'after the deletion', 'after the commit'];

/*
 * How many jobs stand at the step when a worker is killed, and how many workers are. SQLite has one transaction at
 * a time. DEATHS_AT_EACH_STEP sets how many jobs are killed at each step, for a longer run.
 */
const DEATHS = Number(process.env.DEATHS_AT_EACH_STEP ?? 0);
const AT_ONCE: Record<string, number> = { postgres: 25, mariadb: 25, mysql: 25, sqlite: 1 };
const WORKERS: Record<string, number> = { postgres: 4, mariadb: 4, mysql: 4, sqlite: 4 };

const databases: typeof applicationDatabases = {
  ...applicationDatabases,
  async postgres() {
    const server = await startPostgres();
    const { url } = await freshPostgresDatabase(server.url);
    return { options: { type: 'postgres', url, extra: { max: 40 } }, remove: () => server.remove() };
  },
  mariadb: () => onMysql(startMariadb()),
  mysql: () => onMysql(startMysql()),
};

async function onMysql(starting: Promise<PrivateServer>): Promise<ApplicationDatabase> {
  const server = await starting;
  const { url } = await freshMysqlDatabase(server.url);
  return { options: { type: 'mysql', url, extra: { connectionLimit: 40 } }, remove: () => server.remove() };
}

describe.each(selectedBackends().filter((name) => name in databases))(
  'jobs of %s whose worker is killed in the middle of their transactions',
  (name) => {
    let dataSource: DataSource;
    let backend: SqlBackend;
    let options: ConstructorParameters<typeof DataSource>[0];
    let remove: () => Promise<unknown>;
    const atOnce = AT_ONCE[name] ?? 1;
    const workers = DEATHS > 0 ? Math.ceil(DEATHS / atOnce) : (WORKERS[name] ?? 1);

    beforeAll(async () => {
      const database = await databases[name]!();
      remove = () => database.remove();
      options = database.options;
      dataSource = await new DataSource(options).initialize();
      await dataSource.query('create table effects (job integer not null)');
      backend = typeOrmBackend({ dataSource });
      await backend.connect();
    }, 120_000);

    afterAll(async () => {
      await backend.close();
      await dataSource.destroy();
      await remove();
    });

    const worker = (environment: NodeJS.ProcessEnv) =>
      new WorkerProcess(WORKER, { environment: { ...environment, DATA_SOURCE: JSON.stringify(options) } });

    it.each(STEPS)(
      'have their effects exactly once: %s',
      async (step) => {
        const numbers = Array.from({ length: atOnce * (workers + 1) }, (_, number) => number);
        await backend.put(
          PIPELINE,
          // On a busy machine a shorter lease may be lost while its job waits for the others to stand at the step: for ever.
          numbers.map((number) => newJob(`${number}`, { ttr: 4 })),
        );

        for (let deaths = 0; deaths < workers; deaths += 1) {
          const mortal = worker({ DIES: step, JOBS: `${atOnce}` });
          expect(await mortal.exitCode()).toBeNull();
        }
        const survivor = worker({ JOBS: `${atOnce}` });
        await until(
          'the queue is empty',
          async () => {
            const { ready, reserved } = await backend.inspect.stats(PIPELINE);
            return ready + reserved === 0 || survivor.ended;
          },
          { within: 60 },
        );
        await survivor.kill();

        const rows = await dataSource.query<{ job: number }[]>('select job from effects order by job');
        expect(rows.map(({ job }) => job)).toEqual(numbers);
        await dataSource.query('delete from effects');
      },
      120_000 + workers * 5_000,
    );
  },
);
