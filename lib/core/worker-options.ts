import type { QueueBackend } from './backend';
import type { JobAllowance } from './job-allowance';
import type { JobEvents } from './job-events';
import type { JobRunner } from './job-runner';
import type { KeepAlive } from './keep-alive';
import type { Logger } from './logger';
import type { Outage } from './outage';

export interface WorkerOptions {
  readonly pipeline: string;
  /** How many handlers run at once, at least 1. */
  readonly concurrency: number;
  /** Take jobs ahead of free slots when handlers are quick. */
  readonly prefetch: boolean;
  readonly runner: JobRunner;
  /** Handlers write in transactions that also delete their jobs; default false. */
  readonly transaction?: boolean;
}

/** What the workers of one process share. */
export interface WorkerSurroundings {
  readonly backend: QueueBackend;
  readonly keepAlive: KeepAlive;
  readonly outage: Outage;
  readonly allowance: JobAllowance;
  readonly events: JobEvents;
  readonly logger: Logger;
}
