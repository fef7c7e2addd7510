import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEWEST_LAYOUT } from '../../lib/backends/sql/layouts/layout';
import { MysqlHistory } from '../../lib/backends/sql/mysql/mysql-layouts';
import { mysqlTable } from '../../lib/backends/sql/mysql/open-mysql';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { application, closeApplications } from '../nest/application';
import { askMysql } from '../support/ask';
import { coded } from '../support/coded';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { randomTable } from '../support/pipelines';
import { until } from '../support/until';
import { changed } from './refusal';
import { prunes, readsEvents, tellsAndKeeps } from './worker-rights';

/* The rights that docs/production.md grants, and no others. */

const document = readFileSync(join(__dirname, '../../docs/production.md'), 'utf8');
const [, grants = ''] =
  /\*\*Rights on MySQL and MariaDB\.\*\*[\s\S]*?```sql\n([\s\S]*?)```/.exec(document) ?? [];
const password = 'secret-of-the-user';

const ROLES = ['migration', 'web', 'shop', 'worker', 'operator', 'scheduler', 'inspector', 'reader'] as const;
type Role = (typeof ROLES)[number];

describe('MySQL and MariaDB: with the documented rights', () => {
  let database: FreshDatabase;
  const users = Object.fromEntries(ROLES.map((role) => [role, randomTable().slice(0, 12)])) as Record<
    Role,
    string
  >;

  beforeAll(async () => {
    database = await freshMysqlDatabase();
    for (const user of Object.values(users))
      await askMysql(database.url, `create user ${user} identified by '${password}'`);
    await grant('migration');
    const owner = sqlBackend(urlOf('migration'));
    await owner.connect();
    await owner.close();
    for (const role of ROLES.slice(1)) await grant(role);
    // "Besides."
    await grant('web', 'shop');
    await grant('inspector', 'reader');
    await grant('worker', 'operator');
    await grant('worker', 'scheduler');
  });
  afterAll(async () => {
    await closeApplications();
    for (const user of Object.values(users)) await askMysql(database.url, `drop user ${user}`);
    await database.drop();
  });

  async function grant(role: Role, to = role): Promise<void> {
    const name = new URL(database.url).pathname.slice(1);
    const statements = grants.split('\n').filter((line) => line.endsWith(`TO ${role};`));
    expect(statements).not.toEqual([]);
    for (const statement of statements)
      await askMysql(
        database.url,
        statement.replace(/ ON app\./, ` ON ${name}.`).replace(/TO \w+;$/, `TO ${users[to]}`),
      );
  }

  function urlOf(role: Role): string {
    return changed(database.url, { username: users[role], password });
  }

  async function queueOf(role: Role): Promise<JobQueueService> {
    const backend = sqlBackend(urlOf(role), { migrate: false });
    const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
    return app.get(JobQueueService);
  }

  const refused = coded('BACKEND_REFUSED');

  it('one adds, one works, one pauses, and none can do what is not its own', async () => {
    const [web, worker, operator] = await Promise.all([
      queueOf('web'),
      queueOf('worker'),
      queueOf('operator'),
    ]);
    await web.addJob('mail', 1);
    await web.addJobs('mail', [{ payload: 2 }, { payload: 3, delay: 0.1 }]);
    const handled: unknown[] = [];
    await worker.process('mail', ({ payload }) => {
      handled.push(payload);
      if (payload === 2) throw new Error('bad');
    });
    await until('all are handled', () => handled.length === 3);
    await until('one is buried', async () => (await worker.getBuriedCount('mail')) === 1);
    expect(await worker.clear('mail', 'buried')).toBe(1);
    await operator.pause('mail', 60);
    await operator.pause('mail', 70);
    expect((await operator.stats('mail')).pausedFor).toBeGreaterThan(60);
    await operator.resume('mail');

    await web.addJob('parcels', 1);
    const offer = await web.addJob('offers', 1);
    await worker.process('prices', () => 1, { keep: { completed: '1d' } });
    expect(await worker.cancelJob(offer, 'too late')).toBe(true);
    await expect(web.clear('parcels', 'ready')).rejects.toThrow(refused);
    await expect(worker.addJob('mail', 4)).rejects.toThrow(refused);
    await expect(worker.pause('mail', 60)).rejects.toThrow(refused);
  });

  it('one adds jobs with unique keys', async () => {
    const shop = await queueOf('shop');
    const unique = { key: 'a', onConflict: 'replace' } as const;
    const id = await shop.addJob('kept', 1, { unique });
    expect(await shop.addJob('kept', 2, { unique })).toBe(id);
    const hourly = { key: 'b', for: '1h' } as const;
    const [first, second] = await Promise.all([
      shop.addJob('kept', 1, { unique: hourly }),
      shop.addJob('kept', 2, { unique: hourly }),
    ]);
    expect(second).toBe(first);
    const many = ['c', 'd', 'c'].map((key, payload) => ({ payload, unique: { key } }));
    expect(new Set(await shop.addJobs('kept', many)).size).toBe(2);
    await expect(shop.pause('kept', 60)).rejects.toThrow(refused);
  });

  it('one works, is listed, tells how far jobs are, keeps them for readers, and removes the rest', async () => {
    const [web, worker, inspector] = await Promise.all([
      queueOf('web'),
      queueOf('worker'),
      queueOf('inspector'),
    ]);
    await tellsAndKeeps(web, worker, inspector);
    await readsEvents(web, await queueOf('reader'));
    await prunes(urlOf('worker'));
  });

  it('one keeps schedules and fires them', async () => {
    const scheduler = await queueOf('scheduler');
    const slots: unknown[] = [];
    await scheduler.process('ticks', ({ slot }) => void slots.push(slot));
    await scheduler.schedules.set('ticks', { pipeline: 'ticks', every: '1s' });
    await until('it has run twice', () => slots.length > 1);
    expect(await scheduler.schedules.pause('ticks')).toBe(true);
    expect(await scheduler.schedules.remove('ticks')).toBe(true);
  });

  it('one only looks', async () => {
    const [web, inspector] = await Promise.all([queueOf('web'), queueOf('inspector')]);
    const id = await web.addJob('letters', 1);
    expect(await inspector.stats('letters')).toMatchObject({ ready: 1, pausedFor: 0 });
    expect(await inspector.listPipelines()).toContain('letters');
    expect(await inspector.findJob(id)).toMatchObject({ id, state: 'ready' });
    expect(await inspector.peek('letters', 'ready')).toMatchObject([{ id }]);

    await expect(inspector.addJob('letters', 2)).rejects.toThrow(refused);
    await expect(inspector.clear('letters', 'ready')).rejects.toThrow(refused);
    await expect(inspector.pause('letters', 60)).rejects.toThrow(refused);
  });

  it('one moves the tables to the newest layout', async () => {
    const [layout1] = new MysqlHistory(mysqlTable({ table: 'old_jobs' }), false).layouts;
    for (const statement of layout1!.up) await askMysql(database.url, statement);
    const owner = sqlBackend(urlOf('migration'), { table: 'old_jobs' });
    await owner.connect();
    await owner.close();
    expect(await askMysql(database.url, 'select version from old_jobs_schema')).toEqual([
      { version: NEWEST_LAYOUT },
    ]);
  });
});
