import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { sqlBackend } from '../../lib/backends/sql/open/sql-backend-of-url';
import type { NewSchedule } from '../../lib/core/contract/ports/schedules';
import { slotOf } from '../../lib/core/schedule/slot-headers';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { Opened } from '../support/opened';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

const systems = selectedBackends().filter((name) => name in layoutDatabases);
const HOUR = 3_600_000;

describe.each(systems)('The schedules of %s', (system) => {
  const opened = new Opened();
  let database: LayoutDatabase;
  let backend: SqlBackend;
  const told: string[] = [];

  beforeAll(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
  });
  beforeEach(async () => {
    told.splice(0);
    backend = await another();
  });
  afterEach(async () => {
    await opened.close();
    await database.ask('delete from job_queue_jobs where 1 = 1');
    await database.ask('delete from job_queue_jobs_schedules where 1 = 1');
  });
  afterAll(() => database.close());

  async function another(): Promise<SqlBackend> {
    const note = (message: string) => void told.push(message);
    const one = sqlBackend(database.url, {}, { log: note, warn: note, error: note });
    await one.connect();
    return opened.add(one);
  }

  const set = (name: string, own: Partial<NewSchedule> = {}) => {
    const rule = own.cron === undefined ? { every: 3600, ...own } : own;
    return backend.features.schedules.set({
      name,
      pipeline: 'ticks',
      payload: 'null',
      priority: 1024,
      ttr: 60,
      timeZone: 'UTC',
      missed: 'once',
      overlap: true,
      source: 'api',
      ...rule,
    });
  };

  /** Nobody has worked for so long. */
  const idleFor = (ms: number, name: string) =>
    database.ask(`update job_queue_jobs_schedules set next_at = next_at - ${ms} where name = '${name}'`);

  const due = async (name: string): Promise<boolean> => {
    const next = (await backend.features.schedules.find(name))?.next;
    return next !== undefined && next.getTime() <= Date.now();
  };

  /** A worker of another pipeline, in another process as it were. */
  const workElsewhere = async (pipeline = 'elsewhere') => {
    const leases = opened.add(await (await another()).lease([pipeline]));
    return leases;
  };

  const slots = async (schedule: string): Promise<number[]> => {
    const jobs = await backend.features.listing.list('ticks', 'ready', { offset: 0, limit: 10_000 });
    return jobs.flatMap((job) => {
      const slot = slotOf(job);
      return slot?.schedule === schedule ? [slot.slot.getTime()] : [];
    });
  };

  it('add nothing while no worker runs for a day, and then as missed says', async () => {
    for (const missed of ['once', 'skip', 'all'] as const) {
      await set(missed, { missed });
      await idleFor(24 * HOUR, missed);
    }
    // Whoever adds, looks and sets fires nothing.
    await backend.put('ticks', [{ payload: '1', priority: 0, delay: 0, ttr: 60 }]);
    await backend.admin.kick('ticks', 1);
    expect(await backend.inspect.stats('ticks')).toMatchObject({ ready: 1 });
    expect(await due('once')).toBe(true);

    await workElsewhere();
    await until(
      'all are fired',
      async () => !(await due('once')) && !(await due('skip')) && !(await due('all')),
    );
    const all = await slots('all');
    expect(all).toEqual(all.map((_, index) => all[0]! + index * HOUR));
    expect(all.length).toBe(24);
    expect(await slots('once')).toEqual([all.at(-1)]);
    const late = Date.now() - all.at(-1)! > 60_000;
    expect(await slots('skip')).toEqual(late ? [] : [all.at(-1)]);
    const { next, last } = (await backend.features.schedules.find('all'))!;
    expect([next?.getTime(), last?.getTime()]).toEqual([all.at(-1)! + HOUR, all.at(-1)]);
  });

  it('have one job a slot, however many processes fire a backlog at once', async () => {
    await set('often', { every: 1, missed: 'all' });
    await idleFor(950_000, 'often');
    await Promise.all([1, 2, 3, 4].map(() => workElsewhere()));
    await until('the backlog is done', async () => !(await due('often')));
    await backend.features.schedules.pause('often');
    const fired = (await slots('often')).sort((one, other) => one - other);
    expect(fired.length).toBeGreaterThanOrEqual(950);
    expect(fired).toEqual(fired.map((_, index) => fired[0]! + index * 1000));
  });

  it('of one name that are set at once are one', async () => {
    const others = await Promise.all([another(), another()]);
    const schedule = {
      payload: 'null',
      priority: 1,
      ttr: 60,
      timeZone: 'UTC',
      missed: 'once',
      overlap: true,
    } as const;
    await Promise.all(
      [backend, ...others].flatMap(({ features }) =>
        [1, 2, 3].map((every) =>
          features.schedules.set({
            ...schedule,
            name: 'one',
            pipeline: 'ticks',
            every: every * 3600,
            source: 'code',
          }),
        ),
      ),
    );
    const [only, second] = await backend.features.schedules.list({ offset: 0, limit: 10 });
    expect(only).toMatchObject({ name: 'one', source: 'code' });
    expect(second).toBeUndefined();
    expect(only!.next!.getTime() % (only!.every! * 1000)).toBe(0);
  });

  it('that cannot be fired are told of and stop no other', async () => {
    await set('good');
    const row = (name: string, cron: string, options: string, next: number) =>
      database.ask(
        `insert into job_queue_jobs_schedules (name, pipeline, payload, options, cron, next_at, source)
values ('${name}', 'ticks', '1', '${options}', '${cron}', ${next}, 'api')`,
      );
    await row('unreadable', 'no cron', '{}', 5);
    await row('refused', '@daily', '{"ttr":0}', 6);
    await row('scribbled', '@daily', 'nonsense', 7);
    await idleFor(HOUR, 'good');
    await workElsewhere();
    await until('the good one is fired', async () => (await slots('good')).length === 1);
    await until('so is the one of no options', async () => (await slots('scribbled')).length === 1);
    await until('both others are told of', () =>
      ['"unreadable"', '"refused"'].every((name) =>
        told.some((line) => line.includes(`The schedule ${name} could not be fired`)),
      ),
    );
    const [stays] = await database.ask(
      `select next_at from job_queue_jobs_schedules where name = 'unreadable'`,
    );
    expect(Number(stays?.['next_at'])).toBe(5);
  });

  it('whose jobs nobody takes are told of once, and no others', async () => {
    await set('lonely', { every: 1, pipeline: 'nobody' });
    await set('loved', { every: 1, pipeline: 'elsewhere' });
    await set('slow', { every: 1, pipeline: 'afar' });
    const report = { host: 'another', pid: 1, pipelines: ['afar'], concurrency: 1, running: 1 };
    const membership = (await another()).features.registry.join();
    await membership.beat(report);
    for (const [name, pipeline] of [
      ['slow', 'afar'],
      ['lonely', 'nobody'],
      ['loved', 'elsewhere'],
    ]) {
      const headers = JSON.stringify({ schedule: name, slot: Date.now() - 70_000 });
      await backend.put(pipeline!, [{ payload: '1', priority: 0, delay: 0, ttr: 60, headers }]);
    }
    await database.ask('update job_queue_jobs set added_at = added_at - 70000 where 1 = 1');
    await workElsewhere();
    await until('it is told', () => told.length > 0);
    await until('it goes on', async () => (await backend.inspect.stats('nobody')).ready > 3);
    await membership.leave();
    expect(told).toEqual([
      expect.stringMatching(/^The schedule "lonely" adds jobs to nobody, and nobody takes them: that of 20/),
    ]);
  });

  it('whose jobs of a day without workers have just been added are not told of', async () => {
    await set('backlog', { missed: 'all', pipeline: 'nobody' });
    await set('last', { pipeline: 'nobody' });
    for (const name of ['backlog', 'last']) await idleFor(24 * HOUR, name);
    const worker = await another();
    opened.add(await worker.lease(['elsewhere']));
    await until('they are fired', async () => !(await due('backlog')) && !(await due('last')));
    // One more is fired after them, and so it looks, or has looked, who takes them; closing it waits for that.
    await set('after', { every: 1, pipeline: 'after' });
    await until('another one is fired', async () => (await backend.inspect.stats('after')).ready > 0);
    await worker.close();
    expect(told).toEqual([]);
  });
});
