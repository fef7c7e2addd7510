import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBackend } from '../lib/backends/open-backend';
import type { QueueBackend } from '../lib/core/contract/backend';
import { feature } from '../lib/core/contract/features';
import { askMysql, askPostgres } from './support/ask';
import { type FreshDatabase, freshMysqlDatabase, freshPostgresDatabase } from './support/databases';
import { selectedServers } from './support/test-servers';
import { until } from './support/until';

/* The queries of docs/autoscaling.md, as they stand there. */

const document = readFileSync(join(__dirname, '../docs/autoscaling.md'), 'utf8');
const queryOf = (heading: string) =>
  new RegExp(`\`\`\`sql\\n-- ${heading}\\n([\\s\\S]*?)\`\`\``).exec(document)![1]!;

const servers = selectedServers().filter((name) => name !== 'beanstalkd');

describe.each(servers)('what KEDA asks on %s', (name) => {
  let database: FreshDatabase;
  let backend: QueueBackend;

  beforeAll(async () => {
    database = name === 'postgres' ? await freshPostgresDatabase() : await freshMysqlDatabase();
    backend = await openBackend(database.url);
    await backend.connect();
  });
  afterAll(async () => {
    await backend.close();
    await database.drop();
  });

  async function counted(): Promise<number> {
    const [ask, heading] = name === 'postgres' ? [askPostgres, 'PostgreSQL'] : [askMysql, 'MySQL, MariaDB'];
    const [row] = await ask(database.url, queryOf(heading));
    return Number(Object.values(row as object)[0]);
  }

  const put = (pipeline: string, delay = 0) =>
    backend.put(pipeline, [{ payload: '1', priority: 0, delay, ttr: 60 }]);

  it('is nothing for an empty pipeline, and for one whose jobs are not due', async () => {
    expect(await counted()).toBe(0);
    await put('mails', 3600);
    await put('other');
    expect(await counted()).toBe(0);
  });

  it('counts ready and running jobs, and due ones although no worker makes them ready', async () => {
    await put('mails');
    const leases = await backend.lease(['mails']);
    await leases.reserve(1, 0, new AbortController().signal);
    expect(await counted()).toBe(1);
    await put('mails');
    expect(await counted()).toBe(2);
    await leases.close();
    await put('mails', 0.05);
    await until('the delayed one is due', async () => (await counted()) === 3);
    await backend.admin.clear('mails', 'ready');
  });

  it('counts a schedule whose slot has come, so that a worker is started to fire it', async () => {
    const schedules = feature(backend, 'schedules');
    const before = await counted();
    await schedules.set({
      name: 'every second',
      pipeline: 'mails',
      every: 1,
      timeZone: 'UTC',
      payload: '1',
      priority: 0,
      ttr: 60,
      missed: 'once',
      overlap: true,
      source: 'api',
    });
    await until('the slot has come', async () => (await counted()) === before + 1);
    await schedules.remove('every second');
  });

  it('counts nothing while the pipeline is paused', async () => {
    await put('mails');
    expect(await counted()).toBeGreaterThan(0);
    await backend.admin.pause('mails', Infinity);
    expect(await counted()).toBe(0);
    await backend.admin.resume('mails');
    expect(await counted()).toBeGreaterThan(0);
  });
});
