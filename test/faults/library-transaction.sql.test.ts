import { join } from 'node:path';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { newJob } from '../../lib/core/policy/job-options';
import { sqlBackend } from '../../lib/typeorm';
import { versionOf } from '../orms/library';
import { newPlace, type Place } from '../orms/place';
import { prismaFolder } from '../orms/prisma';
import { PRISMA_VERSION, prismaKinds } from '../orms/prisma-application';
import { startMariadb } from '../support/servers/mariadb';
import { startMysql } from '../support/servers/mysql';
import { startPostgres } from '../support/servers/postgres';
import type { PrivateServer } from '../support/servers/private-server';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';

const WORKER = join(__dirname, 'support/mortal-library.ts');
const PIPELINE = 'mortal';
const STEPS = ['before the write', 'after the write', 'after the deletion', 'after the commit'];

/** How many jobs stand at the step when a worker is killed. */
const AT_ONCE = 25;

const servers = { postgres: startPostgres, mysql: startMysql, mariadb: startMariadb } as const;

type System = keyof typeof servers;

const tests = selectedBackends()
  .filter((name): name is System => name in servers)
  .flatMap((system) => [
    { system, library: 'Drizzle', version: versionOf('drizzle-orm') },
    { system, library: 'Prisma', version: PRISMA_VERSION },
  ]);

describe.each(tests)(
  'jobs on $system whose worker is killed in the middle of transactions of $library $version',
  ({ system, library }) => {
    let server: PrivateServer;
    let place: Place;
    let backend: SqlBackend;
    let environment: NodeJS.ProcessEnv;

    beforeAll(async () => {
      server = await servers[system]();
      place = await newPlace(system, server.url);
      // Without a key: a second run of a job whose lease was lost is to be seen, and not to wait for the first one.
      await place.ask('drop table orders');
      await place.ask('create table orders (id integer not null)');
      environment = { SYSTEM: system, URL: place.application };
      if (library === 'Prisma') environment.PRISMA = await prismaFolder(prismaKinds[system]);
      backend = sqlBackend(place.queue);
      await backend.connect();
    }, 300_000);

    afterAll(async () => {
      await backend.close();
      await place.remove();
      await server.remove();
    });

    const worker = (more: NodeJS.ProcessEnv) =>
      new WorkerProcess(WORKER, { environment: { ...environment, ...more, JOBS: `${AT_ONCE}` } });

    it.each(STEPS)(
      'have their effects exactly once: %s',
      async (step) => {
        const numbers = Array.from({ length: 2 * AT_ONCE }, (_, number) => number);
        await backend.put(
          PIPELINE,
          // On a busy machine a shorter lease may be lost while its job waits for the others to stand at the step: for ever.
          numbers.map((number) => newJob(`${number}`, { ttr: 4 })),
        );

        const mortal = worker({ DIES: step });
        expect(await mortal.exitCode()).toBeNull();
        const survivor = worker({});
        await until(
          'the queue is empty',
          async () => {
            const { ready, reserved } = await backend.inspect.stats(PIPELINE);
            return ready + reserved === 0 || survivor.ended;
          },
          { within: 60 },
        );
        await survivor.kill();

        const rows = await place.ask('select id from orders order by id');
        expect(rows.map(({ id }) => Number(id))).toEqual(numbers);
        await place.ask('delete from orders');
      },
      120_000,
    );
  },
);
