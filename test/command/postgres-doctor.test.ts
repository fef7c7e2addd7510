import { sqlBackend } from '../../lib/typeorm';
import { startPgbouncer } from '../support/servers/pgbouncer';
import { CommandLine } from './command-line';
import { found } from './doctor';
import { type SqlPlace, sqlPlaces } from './places';

jest.setTimeout(120_000);

describe('job-queue doctor on PostgreSQL', () => {
  let place: SqlPlace;

  beforeEach(async () => {
    place = await sqlPlaces.postgres();
  });
  afterEach(() => place.remove());

  async function makeTables(): Promise<void> {
    const backend = sqlBackend(place.url);
    await backend.connect();
    await backend.close();
  }

  it('finds which rights a role lacks', async () => {
    await makeTables();
    const role = `reader_${new URL(place.url).pathname.slice(1)}`;
    await place.ask(`create role ${role} login password 'secret'`);
    await place.ask(`grant select on all tables in schema public to ${role}`);
    try {
      const limited = new URL(place.url);
      [limited.username, limited.password] = [role, 'secret'];
      expect(await found(limited.href)).toMatchObject({
        rights: [expect.stringMatching(/no INSERT on .*no UPDATE on .*no DELETE on/)],
      });
    } finally {
      await place.ask(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('finds that a worker could not number the events that somebody reads', async () => {
    await makeTables();
    const role = `numberless_${new URL(place.url).pathname.slice(1)}`;
    await place.ask(`create role ${role} login password 'secret'`);
    await place.ask(`grant all on all tables in schema public to ${role}`);
    await place.ask(`revoke update on job_queue_jobs_events from ${role}`);
    try {
      const limited = new URL(place.url);
      [limited.username, limited.password] = [role, 'secret'];
      expect(await found(limited.href)).toMatchObject({
        rights: [expect.stringMatching(/^This role has no UPDATE on \S*job_queue_jobs_events\S*\.$/)],
      });
    } finally {
      await place.ask(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('shows and finds what a role may see that has no right to the rest', async () => {
    await makeTables();
    const role = `few_${new URL(place.url).pathname.slice(1)}`;
    await place.ask(`create role ${role} login password 'secret'`);
    await place.ask(
      `grant select on job_queue_jobs, job_queue_jobs_schema, job_queue_jobs_pauses to ${role}`,
    );
    await place.ask(
      `insert into job_queue_jobs (pipeline, payload, state, priority, added_at) values ('mail', '{"to":"ada"}', 'ready', 0, 0)`,
    );
    try {
      const limited = new URL(place.url);
      [limited.username, limited.password] = [role, 'secret'];
      expect(await found(limited.href)).toMatchObject({
        pipelines: [expect.stringMatching(/^mail: 1 ready, .* and no worker holds a job of it\.$/)],
      });
      const shown = await new CommandLine(limited.href).run(['show', '1']);
      expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('"to": "ada"')]);
      expect(shown.stderr).toMatch(/^Its progress and its log could not be read: /);
    } finally {
      await place.ask(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('finds policies that may hide jobs, and every verb says so', async () => {
    await makeTables();
    const role = `tenant_${new URL(place.url).pathname.slice(1)}`;
    await place.ask(`create role ${role} login password 'secret'`);
    await place.ask(`grant select, insert, update, delete on all tables in schema public to ${role}`);
    await place.ask('alter table job_queue_jobs enable row level security');
    await place.ask(`create policy only_mail on job_queue_jobs using (pipeline = 'mail')`);
    try {
      const limited = new URL(place.url);
      [limited.username, limited.password] = [role, 'secret'];
      const finding = `Policies may hide rows of job_queue_jobs from the role ${role}: only_mail.`;
      expect(await found(limited.href)).toEqual({ 'row-level security': [finding] });
      const listed = await new CommandLine(limited.href).run(['stats', '--json']);
      expect([listed.code, listed.stdout.trim()]).toEqual([0, '[]']);
      expect(listed.stderr).toContain('Row-level security of PostgreSQL may hide rows from the role');
    } finally {
      await place.ask(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('finds a pooler through which no word of new jobs arrives', async () => {
    await makeTables();
    const pgbouncer = await startPgbouncer(place.url);
    try {
      expect(await found(pgbouncer.url)).toMatchObject({
        'wake-ups': [expect.stringContaining('LISTEN does not work here')],
      });
    } finally {
      await pgbouncer.remove();
    }
  });

  it('finds tables that are missing, and a server that does not answer', async () => {
    expect(await found(place.url)).toEqual({ layout: [expect.stringContaining('does not exist')] });
    expect(await found('postgres://nobody@127.0.0.1:1/x')).toEqual({
      server: [expect.stringContaining('not available')],
    });
  });
});
