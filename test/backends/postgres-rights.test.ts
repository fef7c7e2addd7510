import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { application, closeApplications } from '../nest/application';
import { askPostgres } from '../support/ask';
import { coded } from '../support/coded';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { randomTable } from '../support/pipelines';
import { until } from '../support/until';
import { changed } from './refusal';
import { prunes, readsEvents, tellsAndKeeps } from './worker-rights';

/* The rights that docs/production.md grants, and no others. */

const document = readFileSync(join(__dirname, '../../docs/production.md'), 'utf8');
const [, grants = ''] = /\*\*Rights on PostgreSQL\.\*\*[\s\S]*?```sql\n([\s\S]*?)```/.exec(document) ?? [];
const password = 'secret-of-the-role';

describe('PostgreSQL: with the documented rights', () => {
  let database: FreshDatabase;
  const roles = {
    web: randomTable(),
    worker: randomTable(),
    operator: randomTable(),
    scheduler: randomTable(),
    inspector: randomTable(),
    reader: randomTable(),
  };

  beforeAll(async () => {
    database = await freshPostgresDatabase();
    const owner = sqlBackend(database.url);
    await owner.connect();
    await owner.close();
    for (const role of Object.values(roles))
      await askPostgres(database.url, `create role ${role} login password '${password}'`);
    const named = grants.replace(
      /TO (web|worker|operator|scheduler|inspector|reader);/g,
      (_, role: keyof typeof roles) => `TO ${roles[role]};`,
    );
    await askPostgres(database.url, named);
    await askPostgres(database.url, `grant ${roles.inspector} to ${roles.reader}`);
    await askPostgres(database.url, `grant ${roles.worker} to ${roles.operator}, ${roles.scheduler}`);
  });
  afterAll(async () => {
    await closeApplications();
    for (const role of Object.values(roles).reverse())
      await askPostgres(database.url, `drop owned by ${role}; drop role ${role}`);
    await database.drop();
  });

  async function queueOf(role: keyof typeof roles): Promise<JobQueueService> {
    const backend = sqlBackend(changed(database.url, { username: roles[role], password }), {
      migrate: false,
    });
    const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
    return app.get(JobQueueService);
  }

  it('one adds, one works, one pauses, and none can do what is not its own', async () => {
    const [web, worker, operator] = await Promise.all([
      queueOf('web'),
      queueOf('worker'),
      queueOf('operator'),
    ]);
    await web.addJob('mail', 1);
    await web.addJobs('mail', [{ payload: 2 }, { payload: 3, delay: 0.1 }]);
    const unique = { key: 'a', onConflict: 'replace' } as const;
    expect(await web.addJob('kept', 2, { unique })).toBe(await web.addJob('kept', 1, { unique }));
    const hourly = { key: 'b', for: '1h' } as const;
    expect(await web.addJob('kept', 2, { unique: hourly })).toBe(
      await web.addJob('kept', 1, { unique: hourly }),
    );
    const handled: unknown[] = [];
    await worker.process('mail', ({ payload }) => {
      handled.push(payload);
      if (payload === 2) throw new Error('bad');
    });
    await until('all are handled', () => handled.length === 3);
    await until('one is buried', async () => (await worker.getBuriedCount('mail')) === 1);
    expect(await worker.clear('mail', 'buried')).toBe(1);
    await operator.pause('mail', 60);
    expect((await operator.stats('mail')).pausedFor).toBeGreaterThan(50);
    await operator.resume('mail');

    const offer = await web.addJob('offers', 1);
    await worker.process('prices', () => 1, { keep: { completed: '1d' } });
    expect(await worker.cancelJob(offer, 'too late')).toBe(true);

    const refused = coded('BACKEND_REFUSED');
    await expect(web.clear('mail', 'ready')).rejects.toThrow(refused);
    await expect(worker.addJob('mail', 4)).rejects.toThrow(refused);
    await expect(worker.pause('mail', 60)).rejects.toThrow(refused);
    await expect(worker.schedules.set('daily', { pipeline: 'mail', cron: '@daily' })).rejects.toThrow(
      refused,
    );
  });

  it('one works, is listed, tells how far jobs are, keeps them for readers, and removes the rest', async () => {
    const [web, worker, inspector] = await Promise.all([
      queueOf('web'),
      queueOf('worker'),
      queueOf('inspector'),
    ]);
    await tellsAndKeeps(web, worker, inspector);
    await readsEvents(web, await queueOf('reader'));
    await prunes(changed(database.url, { username: roles.worker, password }));
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

    const refused = coded('BACKEND_REFUSED');
    await expect(inspector.addJob('letters', 2)).rejects.toThrow(refused);
    await expect(inspector.clear('letters', 'ready')).rejects.toThrow(refused);
    await expect(inspector.kick('letters', 1)).rejects.toThrow(refused);
    await expect(inspector.pause('letters', 60)).rejects.toThrow(refused);
  });

  it('one makes the tables, and owns them', async () => {
    const migration = randomTable();
    const fresh = await freshPostgresDatabase();
    await askPostgres(fresh.url, `create role ${migration} login password '${password}'`);
    await askPostgres(fresh.url, `grant create on schema public to ${migration}`);
    const backend = sqlBackend(changed(fresh.url, { username: migration, password }));
    await backend.connect();
    await backend.close();
    const owners = await askPostgres(
      fresh.url,
      `select distinct tableowner as owner from pg_tables where schemaname = 'public'`,
    );
    expect(owners).toEqual([{ owner: migration }]);
    await askPostgres(fresh.url, `drop owned by ${migration}`);
    await askPostgres(fresh.url, `drop role ${migration}`);
    await fresh.drop();
  });
});
