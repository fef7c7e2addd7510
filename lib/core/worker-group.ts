import type { QueueBackend } from './backend';
import type { ReservedJob, Seconds } from './job';
import { JobAllowance } from './job-allowance';
import type { JobEvents } from './job-events';
import { KeepAlive } from './keep-alive';
import type { Logger } from './logger';
import { Outage } from './outage';
import { Worker } from './worker';
import type { WorkerOptions } from './worker-options';

/** The workers of one queue in one process. */
export class WorkerGroup {
  private readonly workers: Worker[] = [];
  private readonly keepAlive = new KeepAlive();
  private readonly outage: Outage;
  private drained: Promise<void> | undefined;

  constructor(
    private readonly backend: QueueBackend,
    private readonly events: JobEvents,
    private readonly logger: Logger,
    /** Shared with the groups of other queues; what is taken when it is spent is given back. */
    private readonly allowance = new JobAllowance(),
  ) {
    this.outage = new Outage(backend.name, logger);
    allowance.onSpent(() => this.stopReserving());
  }

  /** Starts a worker; rejects when the backend cannot be reached. */
  async start(options: WorkerOptions): Promise<Worker> {
    const { backend, keepAlive, outage, allowance, events, logger } = this;
    const worker = new Worker(options, { backend, keepAlive, outage, allowance, events, logger });
    await worker.start();
    this.workers.push(worker);
    return worker;
  }

  /** Ends one worker as `drain` ends all of them. */
  async end(worker: Worker, within: Seconds): Promise<void> {
    const index = this.workers.indexOf(worker);
    if (index === -1) return;
    this.workers.splice(index, 1);
    this.tellGivenBack(await worker.drain(within), within);
  }

  stopReserving(): void {
    for (const worker of this.workers) worker.stopReserving();
  }

  /**
   * Waits at most that long for running handlers, then aborts their signals and gives their jobs back at no
   * attempt. The second call answers the first one's promise.
   */
  drain(within: Seconds): Promise<void> {
    return (this.drained ??= this.drainAll(within));
  }

  private async drainAll(within: Seconds): Promise<void> {
    const ends = await Promise.allSettled(this.workers.map((worker) => worker.drain(within)));
    for (const end of ends) {
      if (end.status === 'fulfilled') this.tellGivenBack(end.value, within);
      else this.logger.error(`A worker did not stop in order: ${String(end.reason)}`);
    }
  }

  private tellGivenBack(jobs: readonly ReservedJob[], within: Seconds): void {
    if (jobs.length === 0) return;
    const ids = jobs.map((job) => `${job.pipeline} ${job.id}`).join(', ');
    this.logger.warn(`${jobs.length} jobs had not ended after ${within} s and were given back: ${ids}`);
  }
}
