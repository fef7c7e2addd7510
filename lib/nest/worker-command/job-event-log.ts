import type { Logger } from '@nestjs/common';
import { lineOf } from '../../core/checks/text';
import type { Leased } from '../../core/contract/job-data';
import type { JobEvents } from '../../core/policy/job-events';
import type { JobObserver } from './worker-plan';

/**
 * Logs one record for everything that happens to a job, never with its payload. The record is an object: a
 * `ConsoleLogger` with `json` writes it as the line's `message`, and JSON loggers merge it in their own way.
 */
export class JobEventLog implements JobObserver {
  /** In milliseconds of `performance.now()`. */
  private readonly startedAt = new WeakMap<Leased, number>();

  watch(events: JobEvents, logger: Logger): void {
    const write = (event: string, job: Leased, more: object = {}): void => {
      const { id, pipeline, attempt } = job;
      logger.log({ event, pipeline, id, attempt, ...more });
    };
    events.on('started', ({ job }) => {
      this.startedAt.set(job, performance.now());
      write('started', job);
    });
    events.on('completed', ({ job }) => write('completed', job, this.took(job)));
    events.on('retried', ({ job, delay, error, planned }) => {
      const why = planned ? { planned } : { error: lineOf(error) };
      write('retried', job, { ...this.took(job), delay, ...why });
    });
    events.on('buried', ({ job, reason }) => write('buried', job, { ...this.took(job), reason }));
    events.on('lost', ({ job }) => write('lost', job, this.took(job)));
    events.on('cancelled', ({ job, reason }) =>
      write('cancelled', job, { ...this.took(job), ...(reason !== undefined && { reason }) }),
    );
    events.on('stalled', ({ job }) => write('stalled', job, { timeouts: job.timeouts }));
  }

  /** Seconds from the start of the handler until the backend has confirmed the end of the job. */
  private took(job: Leased): { seconds?: number } {
    const startedAt = this.startedAt.get(job);
    if (startedAt === undefined) return {};
    return { seconds: Math.round(performance.now() - startedAt) / 1000 };
  }
}
