import { join } from 'node:path';
import { WorkerProcess } from '../support/worker-process';
import type { History } from './history';

const WORKER = join(__dirname, 'worker.ts');

/** Worker processes: one that ends is replaced, until the pool is closed. */
export class WorkerPool {
  readonly workers: WorkerProcess[] = [];
  /** What every process printed that ended as no worker should. */
  readonly failures: string[] = [];
  private readonly condemned = new Set<number>();
  private readonly stopping = new Set<number>();
  private readonly ready = new Set<number>();
  private readonly watching: Promise<void>[] = [];
  private closing = false;

  constructor(
    private readonly history: History,
    /** The environments of the workers, in turn. */
    private readonly environments: readonly NodeJS.ProcessEnv[],
  ) {}

  async start(): Promise<void> {
    await Promise.all(this.environments.map((environment) => this.add(environment)));
  }

  /** Those that work. */
  get alive(): WorkerProcess[] {
    return this.workers.filter((worker) => this.ready.has(worker.pid) && !worker.ended);
  }

  kill(worker: WorkerProcess): void {
    this.condemned.add(worker.pid);
    worker.signal('SIGKILL');
  }

  /** Once: a second SIGTERM ends a worker at once. */
  stop(worker: WorkerProcess): void {
    if (this.stopping.has(worker.pid)) return;
    this.stopping.add(worker.pid);
    worker.signal('SIGTERM');
  }

  /** Waits until every one of them has ended in order; SIGKILL after that many seconds, which is a failure. */
  async close(within: number): Promise<void> {
    this.closing = true;
    const late = setTimeout(() => {
      for (const worker of this.workers) {
        this.failures.push(
          `Process ${worker.pid} did not end within ${within} s of SIGTERM:\n${worker.output}`,
        );
        this.kill(worker);
      }
    }, within * 1000);
    for (const worker of this.workers) this.stop(worker);
    while (this.watching.length > 0) await Promise.all(this.watching.splice(0));
    clearTimeout(late);
  }

  private async add(environment: NodeJS.ProcessEnv): Promise<void> {
    const worker = new WorkerProcess(WORKER, { environment });
    this.workers.push(worker);
    this.watching.push(this.watch(worker, environment));
    await worker.prints('Worker is ready');
    this.ready.add(worker.pid);
    this.history.write({ kind: 'up', worker: worker.pid });
  }

  private async watch(worker: WorkerProcess, environment: NodeJS.ProcessEnv): Promise<void> {
    const code = await worker.exitCode();
    this.workers.splice(this.workers.indexOf(worker), 1);
    const kind = this.condemned.has(worker.pid) ? 'killed' : code === null ? 'killed itself' : 'ended';
    this.history.write({ kind, worker: worker.pid });
    // One that cannot reach the server at its start ends at once, for its supervisor to try again.
    if (kind === 'ended' && code !== 0 && this.ready.has(worker.pid)) {
      this.failures.push(`Process ${worker.pid} ended with ${String(code)}:\n${worker.output}`);
    }
    if (!this.closing) await this.add(environment).catch(() => undefined);
  }
}
