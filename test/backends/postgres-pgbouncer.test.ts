import type { Leased } from '../../lib/core/contract/job-data';
import type { Leases } from '../../lib/core/contract/leases';
import type { Logger } from '../../lib/core/contract/logger';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { application, closeApplications } from '../nest/application';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { Opened } from '../support/opened';
import { put } from '../support/put';
import { startPgbouncer } from '../support/servers/pgbouncer';
import type { PrivateServer } from '../support/servers/private-server';
import { until } from '../support/until';
import { connectRefusal } from './refusal';

const { signal } = new AbortController();

function reserve(consumer: Leases): Promise<Leased[]> {
  return consumer.reserve(1, 10, signal);
}

describe('Behind PgBouncer in transaction mode, which takes LISTEN and forgets it', () => {
  let database: FreshDatabase;
  let pgbouncer: PrivateServer;
  const opened = new Opened();

  beforeAll(async () => {
    database = await freshPostgresDatabase();
    pgbouncer = await startPgbouncer(database.url);
  });
  afterAll(async () => {
    await opened.close();
    await pgbouncer.remove();
    await database.drop();
  });

  it('workers look for jobs by themselves, and one line says so', async () => {
    const warnings: string[] = [];
    const logger: Logger = { log: () => {}, warn: (line) => warnings.push(line), error: () => {} };
    const backend = opened.add(sqlBackend(pgbouncer.url, {}, logger));
    await backend.connect();
    const consumer = opened.add(await backend.lease(['mail']));
    opened.add(await backend.lease(['mail']));
    expect(warnings).toEqual([expect.stringContaining("PostgreSQL's LISTEN does not work here")]);

    // Another process, as far as the first one can tell.
    const producer = opened.add(sqlBackend(pgbouncer.url));
    await producer.connect();
    for (const delay of [0, 1]) {
      const coming = reserve(consumer);
      const [id] = await put(producer, 'mail', [{ payload: '1', priority: 0, delay, ttr: 60 }]);
      const [job] = await coming;
      expect(job).toMatchObject({ id });
      const { lost } = await consumer.settle([{ job: job!, outcome: 'delete' }], 0);
      expect(lost).toEqual([]);
    }
    expect(warnings).toHaveLength(1);
  });

  it('a connection is another session each time, and statements that a session should have kept are sent whole', async () => {
    const handled = await Promise.all(
      Array.from({ length: 4 }, async (_, number) => {
        const backend = opened.add(sqlBackend(pgbouncer.url));
        await backend.connect();
        const pipeline = `letters-${number}`;
        const consumer = opened.add(await backend.lease([pipeline]));
        let count = 0;
        for (let round = 0; round < 20; round += 1) {
          const adding = [1, 2].map((size) =>
            backend.put(pipeline, Array(size).fill({ payload: '1', priority: 0, delay: 0, ttr: 60 })),
          );
          const reserved = await consumer.reserve(3, 10, signal);
          expect(await consumer.renew(reserved)).toEqual([]);
          const ends = reserved.map((job) => ({ job, outcome: 'delete' as const }));
          await Promise.all(adding);
          const { lost, next } = await consumer.settle(ends, 3);
          const rest = next.map((job) => ({ job, outcome: 'delete' as const }));
          await consumer.settle(rest, 0);
          expect(lost).toEqual([]);
          count += reserved.length + rest.length;
        }
        return count;
      }),
    );
    expect(handled).toEqual([60, 60, 60, 60]);
  });
});

describe('Behind PgBouncer in statement mode, which takes no transaction', () => {
  it('the queue is refused by name', async () => {
    const database = await freshPostgresDatabase();
    const pgbouncer = await startPgbouncer(database.url, 'statement');
    const error = await connectRefusal(sqlBackend(pgbouncer.url), new URL(database.url).password);
    expect(error.code).toBe('UNSUPPORTED_SERVER');
    expect(error.message).toContain(
      'PgBouncer in statement mode is not supported: the queue needs pool_mode',
    );
    await pgbouncer.remove();
    await database.drop();
  });
});

describe('Behind PgBouncer in session mode', () => {
  it('nothing is missing: jobs of other processes are told at once', async () => {
    const database = await freshPostgresDatabase();
    const pgbouncer = await startPgbouncer(database.url, 'session');
    const opened = new Opened();
    const warnings: string[] = [];
    const logger: Logger = { log: () => {}, warn: (line) => warnings.push(line), error: () => {} };
    const backend = opened.add(sqlBackend(pgbouncer.url, {}, logger));
    const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
    const seen: unknown[] = [];
    const queue = app.get(JobQueueService);
    await queue.process('mail', ({ payload }) => void seen.push(payload));
    await queue.addJob('mail', 1);
    await until('the job is handled', () => seen.length === 1);
    expect(warnings).toEqual([]);
    await closeApplications();
    await opened.close();
    await pgbouncer.remove();
    await database.drop();
  });
});
