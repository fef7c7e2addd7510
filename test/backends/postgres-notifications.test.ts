import { Client } from 'pg';
import { openBackend } from '../../lib/backends/open-backend';
import type { Database } from '../../lib/backends/sql/open/database';
import { openPostgres } from '../../lib/backends/sql/postgres/open-postgres';
import type { Logger } from '../../lib/core/contract/logger';
import { newJob } from '../../lib/core/policy/job-options';
import { endsWithin } from '../../lib/core/time/sleep';
import { Proxy } from '../faults/support/proxy';
import { askPostgres } from '../support/ask';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { Opened } from '../support/opened';
import { randomTable } from '../support/pipelines';
import { until } from '../support/until';
import { changed } from './refusal';

const opened = new Opened();
let database: FreshDatabase;
let role: string;
/** The URL of a role that may connect, and nothing more. */
let stranger: string;

beforeAll(async () => {
  database = await freshPostgresDatabase();
  role = randomTable();
  await askPostgres(database.url, `create role ${role} login password 'secret'`);
  stranger = changed(database.url, { username: role, password: 'secret' });
});
afterEach(() => opened.close());
afterAll(async () => {
  await database.drop();
  await askPostgres(changed(database.url, { pathname: '/postgres' }), `drop role ${role}`);
});

async function open(url: string, logger: Logger): Promise<Database> {
  const open = await openPostgres(url, {}, logger);
  opened.add(open);
  opened.add({ close: () => open.wakeUp.close() });
  return open;
}

function linesOf(): { readonly lines: string[]; readonly logger: Logger } {
  const lines: string[] = [];
  return {
    lines,
    logger: { log: (line) => lines.push(line), warn: (line) => lines.push(line), error: () => {} },
  };
}

it('a notification that no queue has written wakes nobody', async () => {
  const { wakeUp } = await open(database.url, linesOf().logger);
  const heard: (string | undefined)[] = [];
  await wakeUp.open((pipeline) => heard.push(pipeline));
  const client = new Client({ connectionString: stranger });
  opened.add({ close: () => client.end() });
  await client.connect();
  const before = heard.length;
  const strange = [' ', '', ' p', '-p', 'x'.repeat(201), "';drop table job_queue_jobs"];
  for (const payload of [...strange, 'mail', 'letters 0 7', 'last NaN x'])
    await client.query('select pg_notify($1, $2)', ['public.job_queue_jobs', payload]);
  await until('the last one has come', () => heard.at(-1) === 'last');
  expect(heard.slice(before)).toEqual(['mail', 'letters', 'last']);
});

it('a notification with places in a queue that there are not keeps no job from its worker', async () => {
  const worker = opened.add(await openBackend(database.url));
  await worker.connect();
  const leases = opened.add(await worker.lease(['mail']));
  const client = new Client({ connectionString: stranger });
  opened.add({ close: () => client.end() });
  await client.connect();
  for (const place of ['NaN x', '-1 -1', '9e99 1', "0 1' or true", 'Infinity 99999999999999999999']) {
    const coming = leases.reserve(1, 10, new AbortController().signal);
    await client.query('select pg_notify($1, $2)', ['public.job_queue_jobs', `mail ${place}`]);
    const [put] = await worker.put('mail', [newJob('1')]);
    const [job] = await coming;
    expect(job?.id).toBe(put?.id);
    await leases.settle([{ job: job!, outcome: 'delete' }], 0);
  }
});

it('every job that is put alone, one after the other, is told of in time', async () => {
  const backend = opened.add(await openBackend(database.url));
  await backend.connect();
  const { wakeUp } = await open(database.url, linesOf().logger);
  const heard: (string | undefined)[] = [];
  await wakeUp.open((pipeline) => heard.push(pipeline));
  const puts: { readonly pipeline: string; readonly heardBefore: number }[] = [];
  for (let number = 0; number < 200; number += 1) {
    const pipeline = number % 7 === 0 ? 'reports' : 'mail';
    puts.push({ pipeline, heardBefore: heard.length });
    await backend.put(pipeline, [newJob('1')]);
  }
  await until('each job is told of', () =>
    puts.every(({ pipeline, heardBefore }) => heard.indexOf(pipeline, heardBefore) !== -1),
  );
});

it('a connection that dies without a word is noticed, and made anew', async () => {
  const proxy = await Proxy.before(Number(new URL(database.url).port));
  const { wakeUp } = await open(changed(database.url, { port: String(proxy.port) }), linesOf().logger);
  const heard: (string | undefined)[] = [];
  await wakeUp.open((pipeline) => heard.push(pipeline));
  proxy.swallow();
  await until('it is noticed', () => !wakeUp.arriving, { within: 40 });
  await until('it listens again', () => wakeUp.arriving, { within: 40 });
  // The server believes in the swallowed ones.
  await askPostgres(
    database.url,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
}, 90_000);

it('a LISTEN that fails at the start is tried again', async () => {
  await askPostgres(database.url, `alter role ${role} connection limit 1`);
  const { lines, logger } = linesOf();
  const { wakeUp } = await open(stranger, logger);
  await wakeUp.open(() => undefined);
  expect(wakeUp.arriving).toBe(false);
  expect(lines).toEqual([expect.stringContaining("PostgreSQL's LISTEN does not work here")]);
  await askPostgres(database.url, `alter role ${role} connection limit -1`);
  await until('it listens', () => wakeUp.arriving);
  expect(lines.slice(1)).toEqual([expect.stringContaining('LISTEN works')]);
});

it('LISTEN that is not answered is given up after the deadline that was configured', async () => {
  const proxy = await Proxy.before(Number(new URL(database.url).port));
  const url = changed(database.url, { port: String(proxy.port) });
  const { lines, logger } = linesOf();
  const { wakeUp, ...rest } = await openPostgres(url, { timeout: 1 }, logger);
  opened.add(rest);
  opened.add(wakeUp);
  proxy.cutAt('listen "', 'swallowed');
  // Half of the deadline that there is without the option.
  expect(
    await endsWithin(
      5,
      wakeUp.open(() => undefined),
    ),
  ).toBe(true);
  expect(lines).toEqual([expect.stringContaining("PostgreSQL's LISTEN does not work here")]);
  proxy.cutAll();
});
