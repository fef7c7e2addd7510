import { openBackend } from '../../lib/backends/open-backend';
import type { SqlDialect } from '../../lib/backends/sql/engine/dialect';
import { MysqlDialect } from '../../lib/backends/sql/mysql/mysql';
import { PostgresDialect } from '../../lib/backends/sql/postgres/postgres';
import { SqliteDialect } from '../../lib/backends/sql/sqlite/sqlite';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { feature } from '../../lib/core/contract/features';
import { newJob } from '../../lib/core/policy/job-options';
import { Opened } from '../support/opened';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

const dialects: Partial<Record<string, SqlDialect>> = {
  postgres: PostgresDialect.prototype,
  mariadb: MysqlDialect.prototype,
  mysql: MysqlDialect.prototype,
  sqlite: SqliteDialect.prototype,
};
const sql = selectedBackends().filter((name) => name !== 'memory' && name !== 'beanstalkd');

describe.each(sql)('a look at jobs of %s that nobody has staged yet', (name) => {
  const opened = new Opened();
  let place: QueuePlace;
  let backend: QueueBackend;
  let stage: jest.SpyInstance;

  beforeAll(async () => {
    stage = jest.spyOn(dialects[name]!, 'stage');
    place = await queuePlaces[name]();
    backend = opened.add(await openBackend(place.backend as string));
    await backend.connect();
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await opened.close();
    await place.remove();
  });

  it('finds those ready whose time is over, counts, lists and changes them so, and moves nothing', async () => {
    const { inspect, admin } = backend;
    const put = async (payload: string, options = {}) =>
      (await backend.put('mail', [newJob(payload, options)]))[0]!.id;
    const later = await put('later', { delay: 3600 });
    const ready = await put('ready', { priority: 5 });
    const soon = await put('soon', { delay: 0.01, priority: 1 });
    const held = await put('held', { delay: 0.01, priority: 9 });
    await until('the time is over', async () => (await inspect.stats('mail')).ready === 3);
    expect(await inspect.stats('mail')).toEqual({
      ready: 3,
      delayed: 1,
      reserved: 0,
      buried: 0,
      pausedFor: 0,
    });
    expect(await inspect.find(soon)).toMatchObject({ id: soon, state: 'ready', delay: 0, timeouts: 0 });
    expect(await inspect.find(later)).toMatchObject({ state: 'delayed' });
    expect(await inspect.peek('mail', 'ready')).toMatchObject({ id: soon });
    expect(await inspect.peek('mail', 'delayed')).toMatchObject({ id: later });
    const listing = feature(backend, 'listing');
    const page = async (offset: number, limit: number) =>
      (await listing.list('mail', 'ready', { offset, limit })).map(({ id }) => id);
    expect(await page(0, 10)).toEqual([soon, ready, held]);
    expect(await page(1, 1)).toEqual([ready]);
    expect(await page(2, 5)).toEqual([held]);
    expect(await inspect.pipelines()).toEqual(['mail']);

    expect(await admin.kickJob(soon)).toBe(false);
    expect(await admin.kick('mail', 10)).toBe(1);
    expect(await inspect.find(later)).toMatchObject({ state: 'ready', kicks: 1 });
    expect(await inspect.find(soon)).toMatchObject({ kicks: 0 });
    expect(await admin.discard(soon)).toBe(true);
    expect(await admin.clear('mail', 'delayed')).toBe(0);
    expect(await admin.clear('mail', 'ready')).toBe(3);
    expect(await inspect.pipelines()).toEqual([]);
    expect(stage).not.toHaveBeenCalled();
  });

  it('names all pipelines, whatever the state of their jobs is', async () => {
    await backend.put('b_ready', [newJob('1'), newJob('2')]);
    await backend.put('a_ready', [newJob('1'), newJob('2')]);
    await backend.put('delayed', [newJob('1', { delay: 60 })]);
    await backend.put('held', [newJob('1')]);
    await backend.put('gone', [newJob('1')]);
    const { signal } = new AbortController();
    const leases = opened.add(await backend.lease(['held', 'gone']));
    const [held, gone] = await leases.reserve(2, 5, signal);
    await leases.settle([{ job: gone!, outcome: 'bury' }], 0);
    expect(held).toMatchObject({ pipeline: 'held' });
    expect(await backend.inspect.pipelines()).toEqual(['a_ready', 'b_ready', 'delayed', 'gone', 'held']);
  });
});
