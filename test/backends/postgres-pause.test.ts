import { Client } from 'pg';
import { openBackend } from '../../lib/backends/open-backend';
import { newJob } from '../../lib/core/policy/job-options';
import type { QueueBackend } from '../../lib/index';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { until } from '../support/until';

/** Whoever has this lock stops everybody who asks for pauses, in the midst of it. */
const GATE = 7;

describe('a claim on PostgreSQL', () => {
  let database: FreshDatabase;
  let backend: QueueBackend;
  let client: Client;

  beforeEach(async () => {
    database = await freshPostgresDatabase();
    backend = await openBackend(database.url);
    await backend.connect();
    client = new Client(database.url);
    await client.connect();
    // A view in place of the table, which waits at the gate before it gives its rows.
    await client.query(`alter table job_queue_jobs_pauses rename to pauses;
create function gate() returns boolean volatile language plpgsql as $$
begin
  perform pg_catalog.pg_advisory_lock_shared(${GATE});
  perform pg_catalog.pg_advisory_unlock_shared(${GATE});
  return true;
end $$;
create view job_queue_jobs_pauses as
  select p.pipeline, p.paused_until from (select public.gate() as open offset 0) g join public.pauses p on g.open`);
  });
  afterEach(async () => {
    await client.end();
    await backend.close();
    await database.drop();
  });

  const waitsAtTheGate = async () => {
    const { rows } = await client.query(
      "select from pg_catalog.pg_locks where locktype = 'advisory' and not granted",
    );
    return rows.length > 0;
  };

  it('that began before a pause leaves a job alone that was put behind it', async () => {
    await client.query('select pg_advisory_lock($1)', [GATE]);
    const leases = await backend.lease(['mail']);
    const claim = leases.reserve(1, 0, new AbortController().signal);
    await until('the claim asks for pauses', waitsAtTheGate);
    await client.query("insert into pauses (pipeline, paused_until) values ('mail', 253402300799999)");
    await backend.put('mail', [newJob('1', {})]);
    await client.query('select pg_advisory_unlock($1)', [GATE]);
    expect(await claim).toEqual([]);
    expect((await backend.inspect.stats('mail')).ready).toBe(1);
    await leases.close();
  });
});
