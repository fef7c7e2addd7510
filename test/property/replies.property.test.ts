import fc from 'fast-check';
import { beanstalkdBackend } from '../../lib/beanstalkd';
import type { QueueBackend } from '../../lib/core/contract/backend';
import type { Leased } from '../../lib/core/contract/job-data';
import { endsWithin } from '../../lib/core/time/sleep';
import { JobQueueError } from '../../lib/index';
import { ok, scriptedBeanstalkd, type Script } from '../support/scripted-beanstalkd';

/*
 * Whatever a server answers that only looks like a beanstalkd: a verb does what it was asked for or rejects with one of
 * our errors, in time, and what it returns is of the right kind.
 */

const { signal } = new AbortController();

const counter = fc.oneof(
  fc.nat({ max: 1000 }).map(String),
  fc.constantFrom('', '-1', 'x', '1e400', '18446744073709551615', 'NaN', '"7"', '1 2', '0x10'),
);
const KEYS = [
  ...['pri', 'ttr', 'age', 'time-left', 'delay', 'reserves', 'timeouts', 'releases', 'buries', 'kicks'],
  ...['current-jobs-ready', 'current-jobs-buried', 'pause', 'pause-time-left'],
];
const stats = fc
  .tuple(
    fc.constantFrom('ready', 'delayed', 'reserved', 'buried', 'gone', ''),
    fc.dictionary(fc.constantFrom(...KEYS), counter),
  )
  .map(([state, numbers]) => {
    const lines = Object.entries(numbers).map(([key, value]) => `${key}: ${value}\n`);
    return ok(`---\ntube: mails\nstate: ${state}\n${lines.join('')}`);
  });
const words = fc.constantFrom(
  ...['INSERTED', 'RESERVED', 'FOUND', 'OK', 'DELETED', 'RELEASED', 'BURIED', 'TOUCHED', 'KICKED', 'PAUSED'],
  ...[
    'USING',
    'WATCHING',
    'NOT_FOUND',
    'TIMED_OUT',
    'DEADLINE_SOON',
    'DRAINING',
    'BAD_FORMAT',
    'OUT_OF_MEMORY',
  ],
);
const ends = fc.constantFrom(
  '',
  ' 1',
  ' 1 3\r\nabc',
  ' 3\r\nabc',
  ' 1 x',
  ' 9 99999',
  ' -1',
  ' 1 3\r\nabcd',
  '\n',
);
const bytes = fc
  .uint8Array({ maxLength: 40 })
  .map((some) => Buffer.from(some).toString('latin1'))
  .filter((some) => !some.includes('\0'));
const reply = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(words, ends).map(([word, end]) => `${word}${end}\r\n`) },
  { weight: 3, arbitrary: stats },
  { weight: 1, arbitrary: bytes },
);

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const isJob = (job: Leased): boolean =>
  /^\d+$/.test(job.id) &&
  [job.priority, job.ttr, job.attempt, job.timeouts, job.kicks].every(Number.isFinite);

type Verb = (backend: QueueBackend) => Promise<boolean>;

const verbs: Readonly<Record<string, Verb>> = {
  put: async (backend) => {
    const stored = await backend.put('mails', [{ payload: '1', priority: 1, delay: 0, ttr: 60 }]);
    return stored.every(({ id }) => /^\d+$/.test(id));
  },
  'reserve, settle and renew': async (backend) => {
    const leases = await backend.lease(['mails']);
    try {
      const jobs = await leases.reserve(2, 0.05, signal);
      await leases.renew(jobs);
      const { lost, next } = await leases.settle(
        jobs.map((job) => ({ job, outcome: 'delete' as const })),
        1,
      );
      await leases.giveBack(next);
      return [...jobs, ...next].every(isJob) && lost.every((job) => jobs.includes(job));
    } finally {
      await leases.close();
    }
  },
  find: async (backend) => {
    const job = await backend.inspect.find('1');
    return job === undefined || (Number.isFinite(job.delay) && Number.isFinite(job.addedAt?.getTime()));
  },
  peek: async (backend) => {
    const job = await backend.inspect.peek('mails', 'ready');
    return job === undefined || (Number.isFinite(job.attempts) && Number.isFinite(job.priority));
  },
  stats: async (backend) => Object.values(await backend.inspect.stats('mails')).every(Number.isFinite),
  pipelines: async (backend) => Array.isArray(await backend.inspect.pipelines()),
  kick: async (backend) => isCount(await backend.admin.kick('mails', 5)),
  kickJob: async (backend) => typeof (await backend.admin.kickJob('1')) === 'boolean',
  discard: async (backend) => typeof (await backend.admin.discard('1')) === 'boolean',
  clear: async (backend) => isCount(await backend.admin.clear('mails', 'ready')),
  pause: async (backend) => (await backend.admin.pause('mails', 5)) === undefined,
  resume: async (backend) => (await backend.admin.resume('mails')) === undefined,
};

describe.each(Object.keys(verbs))('%s', (name) => {
  const verb = verbs[name] as Verb;

  it('is done, or refused with one of our errors, whatever the server answers', async () => {
    let connected = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(reply, { minLength: 1, maxLength: 4 }), async (replies) => {
        let asked = 0;
        const answer: Script = () => replies[asked++ % replies.length];
        const server = await scriptedBeanstalkd(strange(answer));
        const backend = beanstalkdBackend({ port: server.port, timeout: 0.1 });
        try {
          if (!(await connects(backend))) return;
          connected += 1;
          expect(await endsWithin(5, doneOrRefused(verb, backend))).toBe(true);
        } finally {
          await backend.close();
          await server.close();
        }
      }),
      { numRuns: 60, seed: 1 },
    );
    // Else nothing was tried.
    expect(connected).toBeGreaterThan(30);
  }, 60_000);
});

/** False when this machine is too busy for the short deadline. */
function connects(backend: QueueBackend): Promise<boolean> {
  return backend.connect().then(
    () => true,
    () => false,
  );
}

/** But for the greeting, all that can be answered. */
function strange(answer: Script): Record<string, Script> {
  const commands = [
    ...['put', 'use', 'watch', 'ignore', 'reserve-with-timeout', 'delete', 'release', 'bury', 'touch'],
    ...['peek', 'peek-ready', 'peek-delayed', 'peek-buried', 'kick', 'kick-job', 'stats-job', 'stats-tube'],
    ...['list-tubes', 'list-tube-used', 'pause-tube'],
  ];
  return Object.fromEntries(commands.map((command) => [command, answer]));
}

async function doneOrRefused(verb: Verb, backend: QueueBackend): Promise<void> {
  try {
    expect(await verb(backend)).toBe(true);
  } catch (error) {
    if (!(error instanceof JobQueueError)) throw error;
  }
}
