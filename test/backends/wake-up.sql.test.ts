import { openBackend } from '../../lib/backends/open-backend';
import type { SqlDialect } from '../../lib/backends/sql/engine/dialect';
import { MysqlDialect } from '../../lib/backends/sql/mysql/mysql';
import { PostgresDialect } from '../../lib/backends/sql/postgres/postgres';
import { SqliteDialect } from '../../lib/backends/sql/sqlite/sqlite';
import type { QueueBackend } from '../../lib/core/contract/backend';
import type { Settlement } from '../../lib/core/contract/leases';
import { newJob } from '../../lib/core/policy/job-options';
import { Opened } from '../support/opened';
import { queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

/** Shorter than the second after which anybody looks who has no reason to. */
const SOON = 0.6;
const ROUNDS = 12;
const DIALECTS: Partial<Record<string, SqlDialect>> = {
  postgres: PostgresDialect.prototype,
  mariadb: MysqlDialect.prototype,
  mysql: MysqlDialect.prototype,
  sqlite: SqliteDialect.prototype,
};

describe.each(selectedBackends().filter((name) => name !== 'memory' && name !== 'beanstalkd'))(
  'a consumer of %s',
  (name) => {
    const opened = new Opened();
    let remove: () => Promise<unknown>;
    let here: QueueBackend;
    let elsewhere: QueueBackend;

    beforeAll(async () => {
      const place = await queuePlaces[name]();
      remove = () => place.remove();
      const open = async () => {
        const backend = opened.add(await openBackend(place.backend as string));
        await backend.connect();
        return backend;
      };
      here = await open();
      elsewhere = await open();
    });

    afterEach(() => jest.restoreAllMocks());

    afterAll(async () => {
      await opened.close();
      await remove();
    });

    it('hears soon of what another process adds, each time that it waits again', async () => {
      const looks = jest.spyOn(DIALECTS[name]!, 'stage');
      // The others hear of it without a look.
      if (name !== 'mariadb' && name !== 'mysql')
        looks.mockResolvedValue({ moved: 0, pipelines: [], next: undefined, now: 0 });
      const consumer = opened.add(await here.lease(['mail']));
      const { signal } = new AbortController();
      let ends: Settlement[] = [];
      const seconds: number[] = [];
      for (let number = 0; number < ROUNDS; number += 1) {
        // Hands back the last job and finds nothing, as a worker does before it waits.
        await consumer.settle(ends, 1);
        // So that each round begins when the next look would be a second away.
        await until('a look met nobody who waits', () => looks.mock.calls.at(-1)?.[0].waiting.length === 0, {
          within: 20,
        });
        const began = performance.now();
        const waiting = consumer.reserve(1, 20, signal);
        await elsewhere.put('mail', [newJob(`${number}`)]);
        const reserved = await waiting;
        seconds.push((performance.now() - began) / 1000);
        expect(reserved.map(({ payload }) => payload)).toEqual([`${number}`]);
        ends = reserved.map((job) => ({ job, outcome: 'delete' as const }));
      }
      // Most rounds: a busy machine may hold up any one of them.
      expect(seconds.filter((took) => took < SOON).length).toBeGreaterThan(ROUNDS / 2);
    }, 60_000);
  },
);
