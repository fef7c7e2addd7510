import type { Settlement } from '../contract/leases';
import type { Logger } from '../contract/logger';
import { lineOf } from '../contract/text';
import type { JobEvents } from '../policy/job-events';
import type { Run } from './job-runner';
import type { RunningJob } from './running-job';

/** A job whose handler has ended. */
export interface FinishedJob extends Run {
  readonly running: RunningJob;
}

/**
 * Gathers the jobs whose handlers have ended until the worker's next exchange takes them all, and tells what
 * became of them once the backend has said so.
 */
export class Settler {
  private finished: FinishedJob[] = [];
  /** Whether an exchange that carried settlements has failed since: it may have been carried out all the same. */
  private doubtful = false;

  constructor(
    private readonly events: JobEvents,
    private readonly logger: Logger,
  ) {}

  get size(): number {
    return this.finished.length;
  }

  add(job: FinishedJob): void {
    this.finished.push(job);
  }

  take(): FinishedJob[] {
    const finished = this.finished;
    this.finished = [];
    return finished;
  }

  /** After an exchange that failed: its jobs are settled with the next one. */
  putBack(finished: FinishedJob[]): void {
    this.finished = finished.concat(this.finished);
    this.doubtful = true;
  }

  /** When there is no time for another try: the backend frees these jobs when their time to run is over. */
  giveUp(finished: readonly FinishedJob[], error: unknown): void {
    const ids = finished.map(({ running }) => running.reserved.id).join(', ');
    this.logger.error(
      `Jobs ${ids} have ended but could not be settled; they will run again: ${lineOf(error)}`,
    );
  }

  /** After an exchange that was answered. */
  settled(finished: readonly FinishedJob[], lost: readonly Settlement['job'][]): void {
    const notOurs = new Set(lost);
    for (const job of finished) {
      if (notOurs.has(job.running.reserved)) this.tellLost(job);
      else this.tell(job);
    }
    this.doubtful = false;
  }

  /** What has become of a job is certain. */
  tell({ running: { reserved: job }, outcome, error }: FinishedJob): void {
    switch (outcome.outcome) {
      case 'delete':
        return this.events.emit('completed', { job });
      case 'release':
        if (outcome.planned) return this.events.emit('retried', { job, delay: outcome.delay, error });
        this.logger.warn(
          `Job ${job.id} of ${job.pipeline} ended attempt ${job.attempt} and is tried again in ${outcome.delay.toFixed(1)} s: ${lineOf(error)}`,
        );
        return this.events.emit('retried', { job, delay: outcome.delay, error });
      case 'bury':
        this.logger.error(
          `Job ${job.id} of ${job.pipeline} is buried at attempt ${job.attempt}: ${lineOf(outcome.reason)}`,
        );
        return this.events.emit('buried', { job, reason: outcome.reason, error });
    }
  }

  private tellLost({ running }: FinishedJob): void {
    const { reserved: job } = running;
    if (running.lost) return;
    running.lost = true;
    const why = this.doubtful
      ? 'it was settled by a request whose answer never came, or its time ran out meanwhile'
      : 'its time to run was over before its handler ended; it runs again';
    this.logger.warn(`Job ${job.id} of ${job.pipeline} was no longer ours at attempt ${job.attempt}: ${why}`);
    this.events.emit('lost', { job });
  }
}

export function settlementOf({ running, outcome }: FinishedJob): Settlement {
  return { job: running.reserved, ...outcome };
}
