import type { QueueBackend } from '../contract/backend';
import type { Logger } from '../contract/logger';
import type { Health } from '../process/health';
import type { Isolation } from '../process/isolation';
import type { JobBudget } from '../process/job-budget';
import type { KeepAlive } from '../process/keep-alive';
import type { Presence } from '../process/presence';
import type { Clock } from '../time/clock';
import type { Reporter } from './reporter';
import type { JobRunner } from './run/job-runner';

export interface WorkerOptions {
  readonly pipeline: string;
  /** How many handlers run at once, at least 1. */
  readonly concurrency: number;
  /** Take jobs ahead of free slots when handlers are quick; a number is the most. */
  readonly prefetch: boolean | number;
  readonly runner: JobRunner;
  /** Handlers write in transactions that also delete their jobs; default false. */
  readonly transaction?: boolean;
}

/** What the workers of one process share. */
export interface WorkerSurroundings {
  readonly backend: QueueBackend;
  readonly keepAlive: KeepAlive;
  readonly health: Health;
  readonly isolation: Isolation;
  readonly presence: Pick<Presence, 'provable'>;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly budget: JobBudget;
  readonly logger: Logger;
}
