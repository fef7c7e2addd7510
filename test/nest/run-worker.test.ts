import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { application, closeApplications } from './application';

const HOOK = join(__dirname, 'typescript.cjs');
const WORKER = join(__dirname, 'worker', 'worker-process.ts');

/** A process that calls `runWorker`, and what it has printed. */
class WorkerProcess {
  output = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown[]>;

  constructor(folder: string, environment: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, ['--require', HOOK, WORKER, folder], {
      env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.closed = once(this.child, 'close');
  }

  async prints(text: string): Promise<void> {
    await until(`the worker prints "${text}"`, () => this.output.includes(text) || this.ended, {
      within: 20,
    });
    if (!this.output.includes(text)) throw new Error(`The worker ended without "${text}": ${this.output}`);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async exitCode(): Promise<unknown> {
    const [code] = await this.closed;
    return code;
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

let folder: TemporaryFolder;
let worker: WorkerProcess;

/** One of the worker's queues, as another process sees it. */
async function producer(name: string): Promise<JobQueueService> {
  const url = `sqlite:${join(folder.path, name)}.sqlite`;
  const app = await application({ imports: [JobQueueModule.forRoot({ backend: url })] });
  return app.get(JobQueueService);
}

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  worker.signal('SIGKILL');
  await worker.exitCode();
  await closeApplications();
  await folder.remove();
});

it('is ready, works on jobs of other processes, and ends in order with exit code 0', async () => {
  worker = new WorkerProcess(folder.path);
  await worker.prints('Worker is ready');
  expect(worker.output).toContain('works on quick, patient');
  await (await producer('first')).addJob('quick', 'hello');
  await worker.prints('handled "hello"');
  worker.signal('SIGTERM');
  expect(await worker.exitCode()).toBe(0);
  expect(worker.output).toContain('SIGTERM');
});

it('lets the running jobs of all queues end before it exits, and takes no other', async () => {
  worker = new WorkerProcess(folder.path);
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
  worker = new WorkerProcess(folder.path);
  await worker.prints('Worker is ready');
  const first = await producer('first');
  await first.addJob('patient', join(folder.path, 'never'));
  await worker.prints('started');
  worker.signal('SIGTERM');
  await worker.prints('no more jobs are reserved');
  worker.signal('SIGTERM');
  expect(await worker.exitCode()).toBe(1);
  expect(await first.getReservedCount('patient')).toBe(1);
});

it.each([
  ['a wrong URL', { JOB_QUEUE_URL: 'nonsense://host' }, 'A backend URL cannot begin with "nonsense:"'],
  ['nothing to do', { JOB_QUEUE_WORKERS: '0' }, 'The worker has nothing to do'],
])('says what is wrong and exits with 1: %s', async (_what, environment, message) => {
  worker = new WorkerProcess(folder.path, environment);
  expect(await worker.exitCode()).toBe(1);
  expect(worker.output).toContain(message);
});
