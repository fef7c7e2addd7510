import { inspect } from 'node:util';
import { types } from 'pg';
import { DataSource } from 'typeorm';
import { JobQueueModule, JobQueueService, type QueueBackend } from '../../lib/index';
import { sqlBackend, typeOrmBackend } from '../../lib/typeorm';
import { application, closeApplications } from '../nest/application';
import { askMysql, askPostgres, type Row } from '../support/ask';
import { coded } from '../support/coded';
import { Opened } from '../support/opened';
import { randomTable } from '../support/pipelines';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { changed } from './refusal';

const SERVERS = selectedBackends().filter((name) => ['postgres', 'mysql', 'mariadb'].includes(name));

/* Ordinary ways to configure a connection. */
describe.each(SERVERS)('on %s', (name) => {
  const isPostgres = name === 'postgres';
  const type = isPostgres ? 'postgres' : 'mysql';
  const opened = new Opened();
  let place: QueuePlace;
  let url: string;

  beforeEach(async () => {
    place = await queuePlaces[name]();
    url = place.backend as string;
  });
  afterEach(async () => {
    await closeApplications();
    await opened.close();
    await place.remove();
  });

  async function queueOn(backend: QueueBackend): Promise<JobQueueService> {
    const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
    return app.get(JobQueueService);
  }

  function fields(): object {
    const { hostname: host, port, username, password, pathname } = new URL(url);
    return { host, port: Number(port), username, password, database: pathname.slice(1) };
  }

  async function dataSourceOf(options: object): Promise<DataSource> {
    const dataSource = await new DataSource({ type, ...options }).initialize();
    opened.add({ close: () => dataSource.destroy() });
    return dataSource;
  }

  function ask(sql: string): Promise<Row[]> {
    return isPostgres ? askPostgres(url, sql) : askMysql(url, sql);
  }

  /** Connections to the database of this test, but for the one that asks. */
  async function connections(): Promise<number> {
    const [{ count } = {}] = await ask(
      isPostgres
        ? 'select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
        : 'select count(*) as count from information_schema.processlist where db = database() and id <> connection_id()',
    );
    return Number(count);
  }

  const DATA_SOURCES: [string, () => object][] = [
    ['by URL', () => ({ url })],
    ['by fields', fields],
    ...(isPostgres
      ? ([
          [
            'with a function for the password',
            () => {
              const { password } = fields() as { password: string };
              return { ...fields(), password: () => Promise.resolve(password) };
            },
          ],
          ['with numbers for 64-bit integers', () => ({ url, parseInt8: true })],
        ] as [string, () => object][])
      : ([['with numbers for 64-bit integers', () => ({ url, bigNumberStrings: false })]] as [
          string,
          () => object,
        ][])),
    ['with a small pool', () => ({ url, extra: isPostgres ? { max: 2 } : { connectionLimit: 2 } })],
    ['with replication', () => ({ replication: { master: fields(), slaves: [fields()] } })],
    [
      'that reads values in its own way',
      () =>
        isPostgres
          ? { url, extra: { types: { getTypeParser: () => () => 'nothing' } } }
          : { url, extra: { typeCast: () => 'nothing', dateStrings: true } },
    ],
  ];

  it.each(DATA_SOURCES)('a DataSource %s works', async (_, options) => {
    const lines: string[] = [];
    const logger = { log: () => {}, warn: (line: string) => lines.push(line), error: () => {} };
    const before = types.getTypeParser(20) as (text: string) => unknown;
    types.setTypeParser(20, (text) => Number(text));
    try {
      const dataSource = await dataSourceOf(options());
      const queue = await queueOn(typeOrmBackend({ dataSource, logger }));
      const losses: unknown[] = [];
      const seen: unknown[] = [];
      await queue.process(
        'mail',
        async ({ payload, signal }) => {
          signal.addEventListener('abort', () => losses.push(payload));
          // Renewed meanwhile, twice.
          if (payload === 1) await new Promise((resolve) => setTimeout(resolve, 1_200));
          seen.push(payload);
        },
        { concurrency: 2 },
      );
      if (isPostgres) {
        // Told of jobs by a connection of its own.
        const [{ count } = {}] = await ask(
          `select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = 'job-queue listen'`,
        );
        expect([count, lines]).toEqual([1, []]);
      }
      const id = await queue.addJob('mail', 1, { ttr: 1 });
      await queue.addJobs('mail', [{ payload: 2 }, { payload: 3 }]);
      await dataSource.transaction((manager) => queue.addJob('mail', 4, { manager }));
      expect(id).toMatch(/^\d+$/);
      await until('all jobs are handled', () => seen.length === 4);
      expect([seen.sort(), losses]).toEqual([[1, 2, 3, 4], []]);
      const later = await queue.addJob('mail', 5, { delay: 60 });
      expect(await queue.findJob(later)).toMatchObject({
        id: later,
        payload: 5,
        state: 'delayed',
        attempts: 0,
      });
    } finally {
      types.setTypeParser(20, before);
    }
  });

  it('while its password is changed, the queue goes on with the connections that it has', async () => {
    const user = randomTable();
    const database = new URL(url).pathname.slice(1);
    if (isPostgres) {
      await ask(`create role ${user} login password 'old'`);
      await ask(`grant all on schema public to ${user}`);
    } else {
      await ask(`create user ${user} identified by 'old'`);
      await ask(`grant all on ${database}.* to ${user}`);
    }
    const queue = await queueOn(sqlBackend(changed(url, { username: user, password: 'old' })));
    await ask(isPostgres ? `alter role ${user} password 'new'` : `alter user ${user} identified by 'new'`);
    // More at once than there are connections.
    await Promise.all(Array.from({ length: 30 }, () => queue.stats('mail')));
    await queue.addJob('mail', 1);
    await closeApplications();
    if (isPostgres) await ask(`drop owned by ${user}`);
    await ask(isPostgres ? `drop role ${user}` : `drop user ${user}`);
  });

  it('no connection is left when the application ends while it starts', async () => {
    for (const patience of [0, 1, 3, 8, 20, 50]) {
      const backend = sqlBackend(url);
      const connecting = backend.connect().catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, patience));
      await backend.close();
      await connecting;
      await expect(backend.put('mail', [])).resolves.toEqual([]);
      await expect(backend.put('mail', [{ payload: '1', priority: 0, delay: 0, ttr: 60 }])).rejects.toThrow(
        coded('BACKEND_CLOSED'),
      );
    }
    await until('all connections have ended', async () => (await connections()) === 0);
  });

  it('no connection is left when the queue is closed', async () => {
    const queue = await queueOn(sqlBackend(url));
    await queue.process('mail', () => {}, { concurrency: 5 });
    await Promise.all(Array.from({ length: 50 }, (_, payload) => queue.addJob('mail', payload)));
    expect(await connections()).toBeGreaterThan(0);
    await closeApplications();
    await until('all connections have ended', async () => (await connections()) === 0);
  });

  it('whoever prints an open backend, or a service, prints no secret', async () => {
    const dataSource = await dataSourceOf(fields());
    const { password } = new URL(url);
    for (const backend of [sqlBackend(url), typeOrmBackend({ dataSource })]) {
      const queue = await queueOn(backend);
      await queue.addJob('mail', 1);
      for (const printed of [
        inspect(backend, { depth: null, showHidden: false }),
        inspect(queue, { depth: null }),
        JSON.stringify(backend),
      ]) {
        expect(printed).not.toContain(password);
      }
    }
  });

  it("TypeORM's log has no payload, not even of a statement that fails", async () => {
    const lines: unknown[] = [];
    const note = (...parts: unknown[]): void => void lines.push(...parts);
    const logger = {
      logQuery: note,
      logQueryError: note,
      logQuerySlow: note,
      logSchemaBuild: note,
      logMigration: note,
      log: note,
    };
    const dataSource = await dataSourceOf({ url, logging: 'all', logger });
    const backend = typeOrmBackend({ dataSource });
    const queue = await queueOn(backend);
    await queue.addJob('mail', 'a secret');
    await dataSource.transaction((manager) => queue.addJob('mail', 'a secret', { manager }));
    const job = { payload: '"a secret"', priority: -1, delay: 0, ttr: 60 };
    await expect(backend.put('mail', [job])).rejects.toThrow(coded('BACKEND_REFUSED'));
    expect(inspect(lines, { depth: null, maxArrayLength: null })).not.toContain('a secret');
  });
});
