import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { examineSql } from '../../lib/backends/sql/examination/examine-sql';
import { JobQueueModule, JobQueueService, type QueueBackend } from '../../lib/index';
import { sqlBackend, typeOrmBackend } from '../../lib/typeorm';
import { askPostgres } from '../support/ask';
import { coded } from '../support/coded';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { Opened } from '../support/opened';
import { randomTable } from '../support/pipelines';
import { until } from '../support/until';
import { changed, connectRefusal } from './refusal';
import { prunes, readsEvents, tellsAndKeeps } from './worker-rights';

jest.setTimeout(60_000);

const password = 'secret-of-the-role';

describe("PostgreSQL: with row-level security on the queue's tables", () => {
  const opened = new Opened();
  const role = randomTable();
  let database: FreshDatabase;
  let url: string;
  let tables: string[];

  beforeEach(async () => {
    database = await freshPostgresDatabase();
    url = changed(database.url, { username: role, password });
    const owner = sqlBackend(database.url);
    await owner.connect();
    await owner.close();
    const rows = await ask(`select tablename as name from pg_tables where schemaname = 'public'`);
    tables = rows.map(({ name }) => name as string);
    await ask(`create role ${role} login password '${password}'`);
    await ask(`grant select, insert, update, delete on all tables in schema public to ${role}`);
    await onEach((table) => `alter table ${table} enable row level security`);
  });
  afterEach(async () => {
    await opened.close();
    await ask(`drop owned by ${role}; drop role ${role}`);
    await database.drop();
  });

  function ask(sql: string) {
    return askPostgres(database.url, sql);
  }

  async function onEach(sql: (table: string) => string): Promise<void> {
    await ask(tables.map(sql).join(';'));
  }

  /** Of the examination that `job-queue doctor` prints. */
  async function findings(examinedUrl: string): Promise<Record<string, string[]>> {
    const all: Record<string, string[]> = {};
    for await (const { about, findings: each } of examineSql(examinedUrl, {}, { patience: 60 }))
      if (each.length > 0) all[about] = each.map(({ finding }) => finding);
    return all;
  }

  async function queueOn(backend: QueueBackend): Promise<[JobQueueService, string[]]> {
    const lines: string[] = [];
    const note = (line: unknown): void => void lines.push(String(line));
    const app = await NestFactory.createApplicationContext(JobQueueModule.forRoot({ backend }), {
      logger: { log: () => {}, warn: note, error: note },
    });
    opened.add(app);
    return [app.get(JobQueueService), lines];
  }

  async function worksFully(queueUrl: string): Promise<void> {
    const [queue, lines] = await queueOn(sqlBackend(queueUrl, { migrate: false }));
    const handled: unknown[] = [];
    await queue.process('mail', ({ payload }) => {
      handled.push(payload);
      if (payload === 2) throw new Error('bad');
    });
    const unique = { key: 'a' };
    const id = await queue.addJob('held', 1, { unique });
    expect(await queue.addJob('held', 1, { unique })).toBe(id);
    await queue.addJob('mail', 1);
    await queue.addJobs('mail', [{ payload: 2 }, { payload: 3, delay: 0.1 }]);
    await until('all are handled', () => handled.length === 3);
    await until('one is buried', async () => (await queue.getBuriedCount('mail')) === 1);
    expect(await queue.kick('mail', 1)).toBe(1);
    await until('it is buried again', async () => (await queue.getBuriedCount('mail')) === 1);
    expect(await queue.clear('mail', 'buried')).toBe(1);
    await queue.pause('mail', 60);
    expect((await queue.stats('mail')).pausedFor).toBeGreaterThan(50);
    await queue.resume('mail');
    await queue.process('ticks', ({ slot }) => void handled.push(slot));
    await queue.schedules.set('ticks', { pipeline: 'ticks', every: '1s' });
    await until('the schedule has fired', () => handled.length > 4);
    await queue.schedules.remove('ticks');
    await tellsAndKeeps(queue, queue, queue);
    await readsEvents(queue, queue);
    await prunes(queueUrl);
    expect(lines.filter((line) => !line.includes('bad') && !line.includes('not yet'))).toEqual([]);
    expect(await findings(queueUrl)).toEqual({});
  }

  it('everything works for a role that one policy allows everything', async () => {
    await onEach((table) => `create policy everything on ${table} to ${role} using (true)`);
    await onEach((table) => `create policy theirs on ${table} as restrictive to pg_monitor using (false)`);
    await onEach((table) => `create policy first_of_two on ${table} using (current_user = 'ada')`);
    await worksFully(url);
  });

  it('everything works for a role above all policies', async () => {
    await ask(`alter role ${role} bypassrls`);
    await worksFully(url);
  });

  it('the queue does not start for a role that no policy lets see a row', async () => {
    for (const migrate of [true, false]) {
      const error = await connectRefusal(sqlBackend(url, { migrate }), password);
      expect(error.code).toBe('BACKEND_REFUSED');
      expect(error.message).toContain(
        `row-level security hides every row from the role ${role}, which has the right and no policy: job_queue_jobs (select, update, delete), job_queue_jobs_done (`,
      );
      expect(error.message).toContain(`create policy … on … to ${role} using (true)`);
    }
    expect(await findings(url)).toEqual({
      layout: [expect.stringContaining('row-level security hides every row')],
    });
  });

  it('the queue does not start for a role whose deletions would delete nothing', async () => {
    await onEach((table) => `create policy looks on ${table} for select to ${role} using (true)`);
    await onEach((table) => `create policy adds on ${table} for insert to ${role} with check (true)`);
    await onEach((table) => `create policy changes on ${table} for update to ${role} using (true)`);
    await ask(`create policy deletes on job_queue_jobs_keys for delete to ${role} using (true)`);
    await ask(`revoke delete on job_queue_jobs_done from ${role}`);
    const error = await connectRefusal(sqlBackend(url, { migrate: false }), password);
    expect(error.message).toContain('job_queue_jobs (delete), job_queue_jobs_events (delete)');
    expect(error.message).not.toMatch(/_keys|_done/);
  });

  it('the owner of the tables is told as well, when she is bound by policies', async () => {
    await onEach((table) => `alter table ${table} owner to ${role}`);
    await worksFully(url);
    await ask('alter table job_queue_jobs force row level security');
    const error = await connectRefusal(sqlBackend(url));
    expect(error.message).toContain('no policy: job_queue_jobs (select, update, delete). Make');
  });

  it('one line says that policies may hide rows, and what they hide is not there', async () => {
    await onEach((table) => `create policy everything on ${table} to public using (true)`);
    await ask('drop policy everything on job_queue_jobs');
    await ask(`create policy only_mail on job_queue_jobs to ${role} using (pipeline = 'mail')`);
    await ask(`create policy none_late on job_queue_jobs_done as restrictive using (ended_at > 5)`);
    const dataSource = await new DataSource({ type: 'postgres', url }).initialize();
    opened.add({ close: () => dataSource.destroy() });
    const [queue, lines] = await queueOn(typeOrmBackend({ dataSource, migrate: false }));
    const tablesNamed = 'job_queue_jobs (only_mail), job_queue_jobs_done (none_late)';
    expect(lines).toEqual([
      expect.stringContaining(
        `may hide rows from the role ${role}: ${tablesNamed}. A job that a policy hides`,
      ),
    ]);

    await ask(`insert into job_queue_jobs (pipeline, payload) values ('secret', '1')`);
    await expect(queue.addJob('secret', 2)).rejects.toThrow(coded('BACKEND_REFUSED'));
    const handled: unknown[] = [];
    await queue.process('mail', ({ payload }) => void handled.push(payload));
    await queue.addJob('mail', 3);
    await until('it is handled', () => handled.length === 1);
    expect(await queue.listPipelines()).not.toContain('secret');
    expect(await findings(url)).toMatchObject({
      'row-level security': [
        `Policies may hide rows of job_queue_jobs from the role ${role}: only_mail.`,
        `Policies may hide rows of job_queue_jobs_done from the role ${role}: none_late.`,
      ],
    });
  });

  it('an add is refused when a job that a policy hides has its unique key', async () => {
    await onEach((table) => `create policy everything on ${table} to public using (true)`);
    await ask('drop policy everything on job_queue_jobs');
    await ask(
      `create policy no_secret on job_queue_jobs to ${role} using (payload <> '"secret"') with check (true)`,
    );
    const owner = opened.add(sqlBackend(database.url));
    await owner.connect();
    const [ours] = await queueOn(owner);
    const [queue] = await queueOn(sqlBackend(url, { migrate: false }));
    await ours.addJob('mail', 'secret', { unique: { key: 'a' } });
    for (const onConflict of ['keep', 'replace', 'debounce'] as const)
      await expect(queue.addJob('mail', 1, { delay: 5, unique: { key: 'a', onConflict } })).rejects.toThrow(
        coded('BACKEND_REFUSED'),
      );
  });
});
