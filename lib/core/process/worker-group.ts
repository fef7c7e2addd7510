import { hostname } from 'node:os';
import { messageOf } from '../checks/text';
import type { QueueBackend } from '../contract/backend';
import { BackendClosedError } from '../contract/errors';
import type { Leased, Seconds } from '../contract/job-data';
import type { Logger } from '../contract/logger';
import type { WorkerReport } from '../contract/ports/registry';
import { unfailing } from '../contract/unfailing-logger';
import { type EventLevels, EventLog } from '../policy/event-log';
import type { JobEvents } from '../policy/job-events';
import { type Clock, steadyClock } from '../time/clock';

import { Reporter } from '../worker/reporter';
import { Worker } from '../worker/worker';
import type { WorkerOptions } from '../worker/worker-options';
import { Health } from './health';
import { type Isolation, processIsolation } from './isolation';
import { JobBudget } from './job-budget';
import { KeepAlive } from './keep-alive';
import { libraryVersion } from './library-version';
import { Presence } from './presence';

export interface GroupParts {
  /** Shared with the groups of other queues; what is taken when it is spent is given back. */
  readonly budget?: JobBudget | undefined;
  readonly isolation?: Isolation;
  readonly clock?: Clock;
  /** How the events of jobs are logged. */
  readonly levels?: EventLevels;
}

/** The workers of one queue in one process. */
export class WorkerGroup {
  private readonly workers = new Set<Worker>();
  private readonly ends = new WeakMap<Worker, Promise<void>>();
  private readonly keepAlive: KeepAlive;
  private readonly health: Health;
  private readonly presence: Presence;
  private readonly reporter: Reporter;
  private readonly logger: Logger;
  private readonly budget: JobBudget;
  private readonly isolation: Isolation;
  private readonly clock: Clock;
  private drained: Promise<void> | undefined;

  constructor(
    private readonly backend: QueueBackend,
    events: JobEvents,
    logger: Logger,
    { budget = new JobBudget(), isolation = processIsolation, clock = steadyClock, levels }: GroupParts = {},
  ) {
    this.budget = budget;
    this.isolation = isolation;
    this.clock = clock;
    this.logger = unfailing(logger);
    this.keepAlive = new KeepAlive(clock);
    this.health = new Health(backend.name, this.logger, clock);
    this.health.onBack(() => this.keepAlive.renewAll());
    this.presence = new Presence(backend, this.health, () => this.report(), this.logger);
    this.reporter = new Reporter(events, this.logger, new EventLog(this.logger, levels), clock);
    budget.onSpent(() => this.stopReserving());
  }

  /** Whether a worker holds jobs that have not ended, or whose end is not settled. */
  get busy(): boolean {
    return Array.from(this.workers).some((worker) => worker.busy);
  }

  /** Starts a worker; rejects when the backend cannot be reached, and with `BackendClosedError` after a drain. */
  async start(options: WorkerOptions): Promise<Worker> {
    const { backend, keepAlive, health, budget, isolation, presence, reporter, logger, clock } = this;
    const context = { backend, keepAlive, health, budget, isolation, presence, reporter, logger, clock };
    const worker = new Worker(options, context);
    await worker.start();
    if (this.drained) {
      await worker.drain(0);
      throw new BackendClosedError(backend.name);
    }
    this.workers.add(worker);
    this.presence.begin();
    return worker;
  }

  /** Ends one worker as `drain` ends all of them. The second call returns the first one's promise. */
  end(worker: Worker, within: Seconds): Promise<void> {
    const known = this.ends.get(worker);
    if (known) return known;
    const end = this.endOne(worker, within);
    this.ends.set(worker, end);
    return end;
  }

  stopReserving(): void {
    for (const worker of this.workers) worker.stopReserving();
  }

  /**
   * Waits at most that long for running handlers, then aborts their signals and gives their jobs back without
   * counting an attempt. The second call returns the first one's promise.
   */
  drain(within: Seconds): Promise<void> {
    return (this.drained ??= this.drainAll(within));
  }

  private async drainAll(within: Seconds): Promise<void> {
    const ends = await Promise.allSettled(Array.from(this.workers, (worker) => this.end(worker, within)));
    for (const end of ends) {
      if (end.status === 'rejected')
        this.logger.error(
          `A worker did not stop in order, and what it held is ready again when its ttr is over: ${messageOf(end.reason)}`,
        );
    }
  }

  private async endOne(worker: Worker, within: Seconds): Promise<void> {
    try {
      this.tellGivenBack(await worker.drain(within), within);
    } finally {
      this.workers.delete(worker);
      if (this.workers.size === 0) await this.presence.end();
    }
  }

  private report(): WorkerReport {
    const workers = [...this.workers];
    const version = libraryVersion();
    return {
      host: hostname(),
      pid: process.pid,
      ...(version !== undefined && { version }),
      pipelines: workers.map(({ pipeline }) => pipeline).sort(),
      concurrency: workers.reduce((sum, { concurrency }) => sum + concurrency, 0),
      running: workers.reduce((sum, { running }) => sum + running, 0),
    };
  }

  private tellGivenBack(jobs: readonly Leased[], within: Seconds): void {
    if (jobs.length === 0) return;
    const ids = jobs.map((job) => `${job.pipeline} ${job.id}`).join(', ');
    const what = jobs.length === 1 ? '1 job' : `${jobs.length} jobs`;
    this.logger.warn(
      `${what} had not ended after ${within} s, and will run again (heed job.signal, or raise shutdownTimeout): ${ids}`,
    );
  }
}
