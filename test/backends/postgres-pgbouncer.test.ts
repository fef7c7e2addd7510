import type { Consumer } from '../../lib/core/contract/backend';
import type { ReservedJob } from '../../lib/core/contract/job-data';
import type { Logger } from '../../lib/core/contract/logger';
import { sqlBackend } from '../../lib/typeorm';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { Opened } from '../support/opened';
import { startPgbouncer } from '../support/servers/pgbouncer';
import type { PrivateServer } from '../support/servers/private-server';

const { signal } = new AbortController();

async function reserve(consumer: Consumer): Promise<ReservedJob[]> {
  return (await consumer.exchange({ settle: [], reserve: 1, wait: 10, signal })).reserved;
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
    const consumer = opened.add(await backend.consume(['mail']));
    opened.add(await backend.consume(['mail']));
    expect(warnings).toEqual([expect.stringContaining("PostgreSQL's LISTEN does not work here")]);

    // Another process, as far as the first one can tell.
    const producer = opened.add(sqlBackend(pgbouncer.url));
    await producer.connect();
    for (const delay of [0, 1]) {
      const coming = reserve(consumer);
      const [id] = await producer.put('mail', [{ payload: '1', priority: 0, delay, ttr: 60 }]);
      const [job] = await coming;
      expect(job).toMatchObject({ id });
      const { lost } = await consumer.exchange({
        settle: [{ job: job!, outcome: 'delete' }],
        reserve: 0,
        wait: 0,
        signal,
      });
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
        const consumer = opened.add(await backend.consume([pipeline]));
        let count = 0;
        for (let round = 0; round < 20; round += 1) {
          const adding = [1, 2].map((size) =>
            backend.put(pipeline, Array(size).fill({ payload: '1', priority: 0, delay: 0, ttr: 60 })),
          );
          const { reserved } = await consumer.exchange({ settle: [], reserve: 3, wait: 10, signal });
          expect(await consumer.touch(reserved)).toEqual([]);
          const settle = reserved.map((job) => ({ job, outcome: 'delete' as const }));
          await Promise.all(adding);
          const answer = await consumer.exchange({ settle, reserve: 3, wait: 0, signal });
          const rest = answer.reserved.map((job) => ({ job, outcome: 'delete' as const }));
          await consumer.exchange({ settle: rest, reserve: 0, wait: 0, signal });
          expect(answer.lost).toEqual([]);
          count += reserved.length + rest.length;
        }
        return count;
      }),
    );
    expect(handled).toEqual([60, 60, 60, 60]);
  });
});
