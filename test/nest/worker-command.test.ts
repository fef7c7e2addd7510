import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { OPTION_NAMES, flagOf } from '../../lib/nest/worker-command/option-table';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';
import { application, closeApplications } from './application';

const WORKER = join(__dirname, 'worker', 'commanded-worker.ts');

let folder: TemporaryFolder;
let queue: JobQueueService;
const workers: WorkerProcess[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  const backend = `sqlite:${path('queue')}.sqlite`;
  const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
  queue = app.get(JobQueueService);
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.kill()));
  await closeApplications();
  await folder.remove();
});

function path(name: string): string {
  return join(folder.path, name);
}

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): WorkerProcess {
  const worker = new WorkerProcess(WORKER, { args, environment: { FOLDER: folder.path, ...environment } });
  workers.push(worker);
  return worker;
}

/** The jobs that a handler was started for, as `pipeline payload`. */
function started(): string[] {
  return existsSync(path('started')) ? readFileSync(path('started'), 'utf8').trim().split('\n') : [];
}

async function add(pipeline: string, jobs: number): Promise<void> {
  await queue.addJobs(
    pipeline,
    Array.from({ length: jobs }, (_, payload) => ({ payload })),
  );
}

it('prints its options with --help, and does not start', async () => {
  const worker = start(['--help']);
  expect(await worker.exitCode()).toBe(0);
  for (const name of OPTION_NAMES) expect(worker.output).toContain(`--${flagOf(name)}`);
  expect(worker.output).not.toContain('Nest');
});

it.each([
  ['an unknown option', ['--max-job', '3'], {}, "Unknown option '--max-job'"],
  ['a variable', [], { JOB_QUEUE_MAX_JOBS: '0' }, 'JOB_QUEUE_MAX_JOBS must be an integer'],
  [
    'an unknown pipeline',
    ['--pipelines', 'first,third'],
    {},
    'No handler works on third: there are handlers for first, hungry, patient, second.',
  ],
  ['a heartbeat nowhere', ['--heartbeat-file', '/no/such/folder/file'], {}, 'cannot be written'],
])('refuses %s with exit code 2', async (_what, args, environment, message) => {
  const worker = start(args, environment);
  expect(await worker.exitCode()).toBe(2);
  expect(worker.output).toContain(message);
});

it('works on the pipelines it is told, and on no other', async () => {
  await add('first', 3);
  await add('second', 3);
  const worker = start(['--pipelines', 'second', '--stop-when-empty']);
  expect(await worker.exitCode()).toBe(0);
  expect(worker.output).toContain(`works on second\n`);
  expect(started()).toEqual(['second 0', 'second 1', 'second 2']);
  expect(await queue.getReadyCount('first')).toBe(3);
});

it('runs as many jobs at once as it is told, whatever the processor says', async () => {
  await add('patient', 5);
  const worker = start(['--concurrency=4']);
  await until('four are started', () => started().length === 4, { within: 20 });
  worker.signal('SIGTERM');
  await worker.prints('no more jobs are reserved');
  await writeFile(path('released'), '');
  expect(await worker.exitCode()).toBe(0);
  expect(started()).toHaveLength(4);
});

describe('--max-jobs', () => {
  it('starts exactly so many, in order, and ends', async () => {
    await add('first', 20);
    const worker = start(['--max-jobs', '7', '--pipelines', 'first']);
    expect(await worker.exitCode()).toBe(0);
    expect(worker.output).toContain('7 of 7 jobs have ended: no more jobs are reserved');
    expect(started()).toEqual(Array.from({ length: 7 }, (_, payload) => `first ${payload}`));
    expect(await queue.stats('first')).toMatchObject({ ready: 13, reserved: 0 });
  });

  it('starts no more in all pipelines together, and leaves the others as they were', async () => {
    for (const pipeline of ['first', 'second']) await add(pipeline, 50);
    const worker = start([], { JOB_QUEUE_MAX_JOBS: '7', JOB_QUEUE_CONCURRENCY: '10' });
    expect(await worker.exitCode()).toBe(0);
    expect(started()).toHaveLength(7);
    const left = await Promise.all(
      ['first', 'second'].map((pipeline) => queue.peek(pipeline, 'ready', { limit: 100 })),
    );
    expect(left.flat()).toHaveLength(93);
    expect(left.flat().filter(({ attempts, timeouts }) => attempts + timeouts > 0)).toEqual([]);
  });

  it('lets those that run end, however long that takes', async () => {
    await add('patient', 3);
    const worker = start(['--max-jobs', '2', '--concurrency', '2']);
    await until('two are started', () => started().length === 2, { within: 20 });
    await writeFile(path('released'), '');
    expect(await worker.exitCode()).toBe(0);
    expect(await queue.stats('patient')).toMatchObject({ ready: 1, reserved: 0 });
  });
});

it('ends after --max-time, in order', async () => {
  await add('patient', 1);
  const worker = start(['--max-time', '1']);
  await worker.prints('1 s are over: no more jobs are reserved');
  await writeFile(path('released'), '');
  expect(await worker.exitCode()).toBe(0);
  expect(await queue.stats('patient')).toMatchObject({ ready: 0, reserved: 0 });
});

it('ends when it has more memory than --max-memory', async () => {
  const worker = start(['--max-memory', '400']);
  await worker.prints('Worker is ready');
  await queue.addJob('hungry', 10);
  await until('it is not enough', () => started().length === 1);
  await queue.addJob('hungry', 500);
  expect(await worker.exitCode()).toBe(0);
  expect(worker.output).toMatch(/The process has \d+ MiB of memory, more than 400/);
  expect(started()).toHaveLength(2);
});

describe('--stop-when-empty', () => {
  it('ends when all is done, and does not wait for what is delayed', async () => {
    await add('first', 30);
    await queue.addJob('second', 'later', { delay: 60 });
    const worker = start(['--stop-when-empty']);
    expect(await worker.exitCode()).toBe(0);
    expect(worker.output).toContain('No job is left');
    expect(started()).toHaveLength(30);
    expect(await queue.getDelayedCount('second')).toBe(1);
  });

  it('waits for a job that another worker has: it may come back', async () => {
    await queue.addJob('first', 'mine', { ttr: 60 });
    const job = await queue.selectPipeline('first').getNextJobAndReserve();
    const worker = start(['--stop-when-empty']);
    await worker.prints('Worker is ready');
    await queue.releaseJob(job!);
    expect(await worker.exitCode()).toBe(0);
    expect(started()).toEqual(['first "mine"']);
  });
});

describe('--once', () => {
  it('starts one job', async () => {
    await add('second', 3);
    const worker = start(['--once']);
    expect(await worker.exitCode()).toBe(0);
    expect(started()).toHaveLength(1);
    expect(await queue.getReadyCount('second')).toBe(2);
  });

  it('starts none when none is ready', async () => {
    const worker = start([], { JOB_QUEUE_ONCE: '1' });
    expect(await worker.exitCode()).toBe(0);
    expect(worker.output).toContain('No job is left');
  });
});

describe('--heartbeat-file', () => {
  it('is there from the readiness to the orderly end', async () => {
    const file = path('heartbeat');
    const worker = start(['--heartbeat-file', file]);
    await until('the heart beats', () => readFileSync(file, 'utf8').startsWith(`${worker.pid} `), {
      within: 20,
    });
    worker.signal('SIGTERM');
    expect(await worker.exitCode()).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('grows old when the process was killed', async () => {
    const file = path('heartbeat');
    const worker = start(['--heartbeat-file', file]);
    await until('the heart beats', () => existsSync(file), { within: 20 });
    await worker.kill();
    expect(existsSync(file)).toBe(true);
  });
});

it('writes nothing but lines of JSON with --json, one of them for each event of a job', async () => {
  await queue.addJob('first', 'secret');
  await queue.addJob('second', 'fails');
  const worker = start(['--json', '--stop-when-empty', '--concurrency', '1']);
  expect(await worker.exitCode()).toBe(0);
  const lines = worker.output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { context?: string; message: string | Record<string, unknown> });
  const records = lines.flatMap(({ message }) => (typeof message === 'object' ? [message] : []));
  const eventsOf = (pipeline: string) =>
    records.filter((record) => record['pipeline'] === pipeline).map(({ event }) => event);
  expect(eventsOf('first')).toEqual(['started', 'completed']);
  expect(eventsOf('second')).toEqual(['started', 'buried']);
  expect(records).toContainEqual({
    event: 'completed',
    pipeline: 'first',
    id: '1',
    attempt: 1,
    seconds: expect.any(Number) as number,
  });
  expect(lines).toContainEqual(
    expect.objectContaining({
      message: expect.stringMatching(/^Worker is ready/) as string,
      context: 'JobQueue',
    }),
  );
  expect(worker.output).not.toContain('secret');
});

it.each(['MISSING_PACKAGE', 'UNSUPPORTED_SERVER'])(
  'refuses %s with exit code 2: no restart helps',
  async (code) => {
    const worker = new WorkerProcess(join(__dirname, 'worker', 'refused-worker.ts'), {
      environment: { ERROR: code },
    });
    workers.push(worker);
    expect(await worker.exitCode()).toBe(2);
    expect(worker.output).toContain('The worker ends with an error: ');
  },
);
