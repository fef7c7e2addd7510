import fc from 'fast-check';
import { JobQueueError, JobQueueModule, JobQueueService } from '../../lib/index';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { application, closeApplications } from '../nest/application';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

/*
 * Any program can write into the table, any value into any column. What the database takes is handled, set aside with
 * a reason or left alone; a verb that meets it rejects with one of our errors or answers; and the next job is handled.
 */

const COLUMNS = [
  ...[
    'payload',
    'priority',
    'state',
    'due_at',
    'ttr_ms',
    'token',
    'attempts',
    'timeouts',
    'kicks',
    'added_at',
  ],
  ...['retry', 'reason', 'unique_key', 'group_key', 'batch_id', 'next', 'headers', 'flags'],
];

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function literals(system: LayoutDatabase['system']): fc.Arbitrary<string> {
  const odd = [
    ...[
      '',
      ' ',
      'a b c',
      'x',
      '1e400',
      '-1',
      '0',
      '2147483647',
      '1 2 3 4 5 6 7 8',
      'null',
      '{',
      '{"attempts":"x"}',
    ],
    ...[
      '[]',
      '😀',
      "'",
      '"',
      '\u0001',
      'ready',
      'reserved',
      'buried',
      'delayed',
      'blocked',
      '7',
      '{"backoff":-1}',
    ],
  ];
  const texts = fc
    .oneof(fc.constantFrom(...odd), fc.string({ unit: 'binary', maxLength: 20 }))
    // No database has these in a text, and a backslash is a matter of the client's.
    .filter((text) => !/[\0\\]|\p{Surrogate}/u.test(text));
  const numbers = fc.oneof(
    fc.integer().map(String),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fc.constantFrom('1.5', '-0.5', '1e30'),
  );
  const bytes = fc.uint8Array({ maxLength: 8 }).map((some) => `x'${Buffer.from(some).toString('hex')}'`);
  return fc.oneof(fc.constant('null'), texts.map(quoted), numbers, ...(system === 'sqlite' ? [bytes] : []));
}

const systems = selectedBackends().filter((name) => name in layoutDatabases);

describe.each(systems)('On %s, a foreign row', (system) => {
  let database: LayoutDatabase;
  let queue: JobQueueService;
  const handled: unknown[] = [];
  const attempts: number[] = [];

  beforeAll(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
    const app = await application({ imports: [JobQueueModule.forRoot({ backend: database.url })] });
    queue = app.get(JobQueueService);
    await queue.process(
      'mail',
      ({ payload, attempt }) => {
        handled.push(payload);
        attempts.push(attempt);
        if (payload !== 'witness') throw new Error('a foreign one');
      },
      { attempts: 2 },
    );
  });
  afterAll(async () => {
    await closeApplications();
    await database.close();
  });

  it('stops nothing, whatever stands in it', async () => {
    const row = fc.dictionary(fc.constantFrom(...COLUMNS), literals(database.system), {
      minKeys: 1,
      maxKeys: 4,
    });
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(row, async (given) => {
        const values: Record<string, string> = { payload: '1', ...given };
        const columns = Object.keys(values);
        const isTaken = await database
          .ask(
            `insert into job_queue_jobs (pipeline, ${columns.join(', ')}) values ('mail', ${Object.values(values).join(', ')})`,
          )
          .then(
            () => true,
            () => false,
          );
        if (isTaken) taken += 1;
        handled.length = 0;
        await queue.addJob('mail', 'witness', { priority: 0 });
        await until('the witness is handled', () => handled.includes('witness'));
        for (const state of ['ready', 'delayed', 'reserved', 'buried'] as const)
          for (const job of await orRefused(queue.peek('mail', state), []))
            expect(
              [job.attempts, job.timeouts, job.kicks, job.priority, job.ttr].every(Number.isFinite),
            ).toBe(true);
        expect(Object.values(await queue.stats('mail')).every(Number.isFinite)).toBe(true);
        await database.ask('delete from job_queue_jobs where 1 = 1');
      }),
      { numRuns: 150, seed: 1 },
    );
    expect(attempts.every(Number.isFinite)).toBe(true);
    // Else nothing was tried.
    expect(taken).toBeGreaterThan(20);
  }, 120_000);
});

async function orRefused<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof JobQueueError)) throw error;
    return otherwise;
  }
}
