import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';
import { application, closeApplications } from './application';

const WORKER = join(__dirname, 'worker', 'worker-process.ts');

let folder: TemporaryFolder;
let worker: WorkerProcess;

function startWorker(environment: NodeJS.ProcessEnv = {}): WorkerProcess {
  return new WorkerProcess(WORKER, { environment: { FOLDER: folder.path, ...environment } });
}

/** One of the worker's queues, as another process sees it. */
async function producer(name: string): Promise<JobQueueService> {
  const url = `sqlite:${join(folder.path, name)}.sqlite`;
  const app = await application({ imports: [JobQueueModule.forRoot({ backend: url })] });
  return app.get(JobQueueService);
}

/** Waits until the quick jobs are done and the patient one runs, which ends when that file exists. */
async function itsWork(queue: JobQueueService, done: string): Promise<void> {
  const isDone = async (): Promise<boolean> => {
    const { ready, reserved } = await queue.stats('quick');
    return ready + reserved === 0 && existsSync(`${done}.started`);
  };
  await until('only the last job runs', isDone, { within: 30 });
}

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await worker.kill();
  await closeApplications();
  await folder.remove();
});

it('is ready, works on jobs of other processes, and ends in order with exit code 0', async () => {
  worker = startWorker();
  await worker.prints('Worker is ready');
  expect(worker.output).toContain('works on quick, patient');
  await (await producer('first')).addJob('quick', 'hello');
  await worker.prints('handled "hello"');
  worker.signal('SIGTERM');
  expect(await worker.exitCode()).toBe(0);
  expect(worker.output).toContain('SIGTERM');
});

it('goes on when nobody reads its log any more, and ends in order', async () => {
  worker = startWorker();
  await worker.prints('Worker is ready');
  const queue = await producer('first');
  worker.closeOutput();
  await queue.addJobs('quick', [{ payload: 1 }, { payload: 2 }]);
  const done = join(folder.path, 'done');
  await queue.addJob('patient', done);
  await itsWork(queue, done);
  worker.signal('SIGTERM');
  await writeFile(done, '');
  expect(await worker.exitCode()).toBe(0);
  for (const pipeline of ['quick', 'patient']) {
    expect(await queue.stats(pipeline)).toMatchObject({ ready: 0, reserved: 0, buried: 0 });
  }
});

it('goes on when the disk of its log is full, and ends in order', async () => {
  // Each write to this device fails so.
  worker = new WorkerProcess(WORKER, {
    environment: { FOLDER: folder.path },
    through: ['sh', '-c', 'exec "$@" >/dev/full 2>&1', 'sh'],
  });
  const queue = await producer('first');
  const done = join(folder.path, 'done');
  await queue.addJobs('quick', [{ payload: 1 }, { payload: 2 }]);
  await queue.addJob('patient', done);
  await itsWork(queue, done);
  worker.signal('SIGTERM');
  await writeFile(done, '');
  expect(await worker.exitCode()).toBe(0);
  for (const pipeline of ['quick', 'patient']) {
    expect(await queue.stats(pipeline)).toMatchObject({ ready: 0, reserved: 0, buried: 0 });
  }
});

it('lets the running jobs of all queues end before it exits, and takes no other', async () => {
  worker = startWorker();
  await worker.prints('Worker is ready');
  const done = join(folder.path, 'done');
  const [first, second] = [await producer('first'), await producer('second')];
  await first.addJob('patient', done);
  await second.addJob('patient', done);
  await worker.prints('started in the second queue');
  await worker.prints('started\n');
  worker.signal('SIGINT');
  await worker.prints('no more jobs are reserved');
  const late = await first.addJob('quick', 'too late');
  await writeFile(done, '');
  expect(await worker.exitCode()).toBe(0);
  expect(worker.output).toContain('finished\n');
  expect(worker.output).toContain('finished in the second queue');
  expect(worker.output).not.toContain('too late');
  expect(await first.stats('patient')).toMatchObject({ ready: 0, reserved: 0, buried: 0 });
  expect(await second.stats('patient')).toMatchObject({ ready: 0, reserved: 0, buried: 0 });
  expect(await first.findJob(late)).toMatchObject({ state: 'ready' });
});

it('ends at once with exit code 1 at a second signal; its job stays reserved until its time is over', async () => {
  worker = startWorker();
  await worker.prints('Worker is ready');
  const first = await producer('first');
  await first.addJob('patient', join(folder.path, 'never'));
  await worker.prints('started\n');
  worker.signal('SIGTERM');
  await worker.prints('no more jobs are reserved');
  worker.signal('SIGTERM');
  expect(await worker.exitCode()).toBe(1);
  expect(await first.getReservedCount('patient')).toBe(1);
});

it.each([
  ['a wrong URL', { JOB_QUEUE_URL: 'nonsense://host' }, 'A backend URL cannot begin with "nonsense:"'],
  ['nothing to do', { JOB_QUEUE_WORKERS: '0' }, 'The worker has nothing to do'],
])('says what is wrong with the configuration and exits with 2: %s', async (_what, environment, message) => {
  worker = startWorker(environment);
  expect(await worker.exitCode()).toBe(2);
  expect(worker.output).toContain(message);
});
