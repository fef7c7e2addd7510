import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Job, JobQueueModule, JobQueueService, type QueueBackend } from '../../lib/index';
import { sqlBackend, typeOrmBackend } from '../../lib/typeorm';
import { Proxy } from '../faults/support/proxy';
import { application, closeApplications } from '../nest/application';
import { coded } from '../support/coded';
import { Opened } from '../support/opened';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { changed } from './refusal';

/** Of each statement; the default is ten times as long. */
const TIMEOUT = 1;

/** What the log says of outages from now on. */
function outageLines(): string[] {
  const lines: string[] = [];
  const write = (line: unknown): void => {
    if (/does not answer|answers again/.test(String(line))) lines.push(String(line));
  };
  Logger.overrideLogger({ log: write, warn: write, error: write });
  return lines;
}

/** A connection that was cut may hear of it only when it says goodbye: then mysql2 refuses to close its pool. */
function unlessLost(error: Error & { code?: string }): void {
  if (error.code !== 'PROTOCOL_CONNECTION_LOST') throw error;
}

/** A firewall has lost its state: packets of the connections that are there vanish, and new ones are let through. */
describe.each(selectedBackends().filter((name) => ['postgres', 'mysql', 'mariadb'].includes(name)))(
  'when the network of %s drops every packet of its connections',
  (name) => {
    let place: QueuePlace;
    let proxy: Proxy;
    const opened = new Opened();

    beforeEach(async () => {
      place = await queuePlaces[name]();
      proxy = await Proxy.before(Number(new URL(place.backend).port));
    });
    afterEach(async () => {
      Logger.overrideLogger(false);
      await closeApplications();
      // A DataSource that is destroyed waits for the goodbye of each of its connections.
      proxy.cutAll();
      await opened.close();
      await place.remove();
    });

    function url(): string {
      return changed(place.backend as string, { port: String(proxy.port) });
    }

    async function queueOn(backend: QueueBackend): Promise<JobQueueService> {
      const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
      return app.get(JobQueueService);
    }

    const backends: [string, () => Promise<QueueBackend>][] = [
      ['by URL', () => Promise.resolve(sqlBackend(url(), { timeout: TIMEOUT }))],
      [
        "on the application's DataSource",
        async () => {
          const type = name === 'postgres' ? 'postgres' : 'mysql';
          const dataSource = await new DataSource({ type, url: url() }).initialize();
          opened.add({ close: () => dataSource.destroy().catch(unlessLost) });
          return typeOrmBackend({ dataSource, timeout: TIMEOUT });
        },
      ],
    ];

    it.each(backends)('a producer %s is told once, and adds again', async (_, open) => {
      const queue = await queueOn(await open());
      // Several connections are there, and all are swallowed.
      await Promise.all([1, 2, 3, 4].map(() => queue.listPipelines()));
      proxy.swallow();
      await expect(queue.addJob('mail', 1)).rejects.toThrow(coded('BACKEND_UNAVAILABLE'));
      await queue.addJob('mail', 2);
      // What was asked for on the old connection never arrived.
      expect(await queue.getReadyCount('mail')).toBe(1);
    });

    it.each(backends)('an idle worker %s handles the next job of somebody else', async (_, open) => {
      const queue = await queueOn(await open());
      const seen: unknown[] = [];
      await queue.process('mail', ({ payload }) => void seen.push(payload), { concurrency: 3 });
      await queue.addJob('mail', 1);
      await until('the first job is handled', () => seen.length === 1);
      const elsewhere = await queueOn(sqlBackend(place.backend as string));
      // Between two packets of a transaction its row would stay locked, for as long as the server keeps the connection.
      await until('its end is settled', async () => (await elsewhere.getReservedCount('mail')) === 0);
      proxy.swallow();
      await elsewhere.addJob('mail', 2);
      await until('the second job is handled', () => seen.length === 2, { within: 15 });
    });

    it.each(backends)('an idle worker %s says so once, and that it is back', async (_, open) => {
      const queue = await queueOn(await open());
      const handled: unknown[] = [];
      const work = ({ payload }: Job): void => void handled.push(payload);
      await Promise.all(['mail', 'letters'].map((pipeline) => queue.process(pipeline, work)));
      await queue.addJobs('mail', [{ payload: 1 }, { payload: 2 }]);
      await until('both are handled', () => handled.length === 2);
      const elsewhere = await queueOn(sqlBackend(place.backend as string));
      // What goes on would be answered on a new connection, and no worker would be cut off.
      await until('their ends are settled', async () => (await elsewhere.getReservedCount('mail')) === 0);
      const lines = outageLines();
      let swallowedAt = -Infinity;
      const isBack = (): boolean => {
        // Where only the call that says that this process lives has met it, no worker has, and there is nothing to say.
        if (lines.length === 0 && performance.now() > swallowedAt + 3 * TIMEOUT * 1000) {
          proxy.swallow();
          swallowedAt = performance.now();
        }
        return lines.length === 2;
      };
      await until('it says that it is back', isBack, { within: 20 });
      // All that was under way on the old connections has come to its end.
      const back = performance.now();
      await until('the deadline is over twice', () => performance.now() > back + 2 * TIMEOUT * 1000);
      expect(lines).toEqual([
        expect.stringContaining(`did not answer within ${TIMEOUT} s`),
        expect.stringContaining('answers again after'),
      ]);
    });

    // On PostgreSQL a settlement is one packet wherever it goes.
    if (name !== 'postgres') {
      it.each(
        backends.flatMap(([where, open]) =>
          (where === 'by URL' ? [false] : [false, true]).map((transaction) => ({ where, open, transaction })),
        ),
      )(
        'a worker $where settles what was swallowed while it was settled, and all others (transaction: $transaction)',
        async ({ open, transaction }) => {
          const queue = await queueOn(await open());
          const handled: unknown[] = [];
          const work = ({ payload }: Job): void => void handled.push(payload);
          await queue.process('mail', work, { concurrency: 3, transaction });
          // In several packets, the row is locked by then, and the server hears of no end.
          proxy.cutAt('delete ', 'swallowed');
          const elsewhere = await queueOn(sqlBackend(place.backend as string));
          await elsewhere.addJobs('mail', [{ payload: 1 }, { payload: 2 }, { payload: 3 }]);
          const isSettled = async (): Promise<boolean> => {
            const { ready, reserved } = await elsewhere.stats('mail');
            return ready + reserved === 0 && handled.length >= 3;
          };
          await until('all are settled', isSettled, { within: 15 });
          expect(proxy.waitsToCut).toBe(false);
        },
      );
    }

    it('a busy worker goes on', async () => {
      const queue = await queueOn(sqlBackend(url(), { timeout: TIMEOUT }));
      const elsewhere = await queueOn(sqlBackend(place.backend as string));
      const seen = new Set<unknown>();
      await queue.process('mail', ({ payload }) => void seen.add(payload), { concurrency: 5 });
      const payloads = Array.from({ length: 3_000 }, (_, number) => number);
      await elsewhere.addJobs(
        'mail',
        payloads.map((payload) => ({ payload, ttr: 2 })),
      );
      await until('some jobs are handled', () => seen.size > 100);
      proxy.swallow();
      await until('all jobs are handled', () => seen.size === payloads.length, { within: 25 });
    }, 60_000);
  },
);
