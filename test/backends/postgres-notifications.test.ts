import { Client } from 'pg';
import type { Database } from '../../lib/backends/sql/connection/database';
import { openDatabase } from '../../lib/backends/sql/connection/open-database';
import type { News } from '../../lib/backends/sql/engine/news';
import type { Logger } from '../../lib/core/contract/logger';
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
  const open = await openDatabase(url, {}, logger);
  opened.add(open);
  opened.add({ close: () => open.signals.close() });
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
  const { signals } = await open(database.url, linesOf().logger);
  const heard: (News | undefined)[] = [];
  await signals.open((news) => heard.push(news));
  const client = new Client({ connectionString: stranger });
  opened.add({ close: () => client.end() });
  await client.connect();
  const before = heard.length;
  const strange = [
    'p NaN x',
    'p 1 x',
    'p -1 1',
    'p 1 1 1',
    'p 4294967296 1',
    'p 1 9223372036854775808',
    'p 1e3 1',
    ' ',
    '',
    'p  1',
    'x'.repeat(201),
    "'; drop table job_queue_jobs; --",
  ];
  for (const payload of [...strange, 'mail', 'mail 0 7'])
    await client.query('select pg_notify($1, $2)', ['public.job_queue_jobs', payload]);
  await until('the last one has come', () => heard.at(-1)?.first?.id === '7');
  expect(heard.slice(before)).toEqual([
    { pipeline: 'mail' },
    { pipeline: 'mail', first: { priority: 0, id: '7' } },
  ]);
});

it('a LISTEN that fails at the start is tried again', async () => {
  await askPostgres(database.url, `alter role ${role} connection limit 1`);
  const { lines, logger } = linesOf();
  const { signals } = await open(stranger, logger);
  await signals.open(() => undefined);
  expect(signals.arriving).toBe(false);
  expect(lines).toEqual([expect.stringContaining("PostgreSQL's LISTEN does not work here")]);
  await askPostgres(database.url, `alter role ${role} connection limit -1`);
  await until('it listens', () => signals.arriving);
  expect(lines.slice(1)).toEqual([expect.stringContaining('LISTEN works')]);
});
