import { Logger } from '@nestjs/common';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { Proxy } from '../faults/support/proxy';
import { application, closeApplications } from '../nest/application';
import { askMysql, askPostgres } from '../support/ask';
import { coded } from '../support/coded';
import { freePort } from '../support/servers/free-port';
import { startMariadb } from '../support/servers/mariadb';
import { startMysql } from '../support/servers/mysql';
import { startPostgres } from '../support/servers/postgres';
import type { PrivateServer } from '../support/servers/private-server';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { changed, connectRefusal } from './refusal';

/** Two servers of a kind, of which either may take no writes. */
interface Kind {
  start(): Promise<PrivateServer>;
  /** Makes a database and a user without the right to write where nobody may. */
  prepare(server: PrivateServer): Promise<unknown>;
  setReadOnly(server: PrivateServer, isReadOnly: boolean): Promise<unknown>;
}

const mysql = (start: () => Promise<PrivateServer>): Kind => ({
  start,
  async prepare({ url }) {
    await askMysql(url, 'create database queue');
    await askMysql(url, `create user app@'127.0.0.1' identified by 'a-secret'`);
    await askMysql(url, `grant all on queue.* to app@'127.0.0.1'`);
  },
  setReadOnly: ({ url }, isReadOnly) => askMysql(url, `set global read_only = ${isReadOnly ? 1 : 0}`),
});

const KINDS: Record<string, Kind> = {
  postgres: {
    start: () => startPostgres(),
    async prepare({ url }) {
      await askPostgres(url, `create role app login password 'a-secret'`);
      await askPostgres(url, 'create database queue owner app');
    },
    async setReadOnly({ url }, isReadOnly) {
      await askPostgres(url, `alter system set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`);
      await askPostgres(url, 'select pg_reload_conf()');
      await until('the setting holds', async () => {
        const [{ on } = {}] = await askPostgres(url, `select current_setting('transaction_read_only') as on`);
        return on === (isReadOnly ? 'on' : 'off');
      });
    },
  },
  mariadb: mysql(startMariadb),
  mysql: mysql(startMysql),
};

describe.each(selectedBackends().filter((name) => name in KINDS))('with two servers of %s', (name) => {
  const kind = KINDS[name] as Kind;
  let one: PrivateServer;
  let other: PrivateServer;

  beforeAll(async () => {
    [one, other] = await Promise.all([kind.start(), kind.start()]);
    await Promise.all([one, other].map((server) => kind.prepare(server)));
  }, 90_000);
  beforeEach(() => Promise.all([one, other].map((server) => kind.setReadOnly(server, false))));
  afterEach(async () => {
    Logger.overrideLogger(false);
    await closeApplications();
  });
  afterAll(() => Promise.all([one.remove(), other.remove()]));

  function url(port: number): string {
    return changed(one.url, {
      port: String(port),
      username: 'app',
      password: 'a-secret',
      pathname: '/queue',
    });
  }

  /** All of them in one URL. */
  function urlOf(...ports: readonly number[]): string {
    const [first, ...others] = ports;
    return others.reduce(
      (text, port) => text.replace('/queue', `,127.0.0.1:${port}/queue`),
      url(first as number),
    );
  }

  async function queueAt(where: string, timeout = 3): Promise<JobQueueService> {
    const backend = sqlBackend(where, { timeout });
    const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
    return app.get(JobQueueService);
  }

  it('a producer leaves a server that became read-only, though its connections stay', async () => {
    const proxy = await Proxy.before(one.port);
    // The other one has the tables, too.
    await queueAt(url(other.port));
    const queue = await queueAt(url(proxy.port));
    await Promise.all([1, 2, 3].map((payload) => queue.addJob('mail', payload)));
    await kind.setReadOnly(one, true);
    proxy.leadTo(other.port);
    await expect(queue.addJob('mail', 4)).rejects.toThrow(coded('BACKEND_UNAVAILABLE'));
    await queue.addJob('mail', 5);
    await queue.addJob('mail', 6);
    const there = await queueAt(url(other.port));
    expect(await there.getReadyCount('mail')).toBe(2);
  });

  it('an idle worker leaves a server that became read-only, though its connections stay, and says so once', async () => {
    const proxy = await Proxy.before(one.port);
    const there = await queueAt(url(other.port));
    const queue = await queueAt(url(proxy.port));
    const seen: unknown[] = [];
    await queue.process('orders', ({ payload }) => void seen.push(payload));
    await queue.addJob('orders', 1);
    await until('the first job is handled', () => seen.length === 1);
    const lines: string[] = [];
    const write = (line: unknown): void => void lines.push(String(line));
    Logger.overrideLogger({ log: write, warn: write, error: write });
    await kind.setReadOnly(one, true);
    await until('it says so', () => lines.some((line) => line.includes('does not answer')));
    proxy.leadTo(other.port);
    await there.addJob('orders', 2);
    await until('the second job is handled', () => seen.length === 2, { within: 15 });
    const outage = lines.filter((line) => /does not answer|answers again/.test(line));
    expect(outage).toEqual([
      expect.stringMatching(/read-only/i),
      expect.stringContaining('answers again after'),
    ]);
  });

  it('of several hosts, the first that takes writes is used', async () => {
    await kind.setReadOnly(one, true);
    const queue = await queueAt(urlOf(await freePort(), one.port, other.port), 9);
    await queue.addJob('parcels', 1);
    const there = await queueAt(url(other.port));
    expect(await there.getReadyCount('parcels')).toBe(1);
  });

  it('of several hosts, the next one is used after a fail-over', async () => {
    await queueAt(url(other.port));
    const queue = await queueAt(urlOf(one.port, other.port));
    const seen: unknown[] = [];
    await queue.process('letters', ({ payload }) => void seen.push(payload));
    await queue.addJob('letters', 1);
    await until('the first job is handled', () => seen.length === 1);
    await kind.setReadOnly(one, true);
    await until('a job is added', () => queue.addJob('letters', 2));
    await until('it is handled', () => seen.length === 2, { within: 20 });
    const there = await queueAt(url(other.port));
    expect(await there.getReadyCount('letters')).toBe(0);
  });

  it('when no host takes writes, each is named with what is wrong, and no secret', async () => {
    await kind.setReadOnly(one, true);
    const port = await freePort();
    const error = await connectRefusal(sqlBackend(urlOf(one.port, port)), 'a-secret');
    expect(error.code).toBe('BACKEND_UNAVAILABLE');
    expect(error.message).toContain(
      `127.0.0.1:${one.port} takes no writes; 127.0.0.1:${port}: connect ECONNREFUSED`,
    );
  });
});
