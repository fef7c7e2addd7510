import { messageOf, stackOf } from '../checks/text';
import type { Leased, Seconds } from '../contract/job-data';
import type { Logger } from '../contract/logger';
import { unfailing } from '../contract/unfailing-logger';

/** What happens to jobs in a worker. The job's payload is the stored text, which may not be decodable. */
export interface JobEventMap {
  /** A handler is about to start. */
  started: { readonly job: Leased };
  /** The handler resolved and the job is deleted. */
  completed: { readonly job: Leased };
  /** The job will be tried again after `delay` seconds; with `planned` its handler asked for that, and nothing has failed. */
  retried: {
    readonly job: Leased;
    readonly delay: Seconds;
    readonly error?: unknown;
    readonly planned?: true;
  };
  /** The job is buried. `error` is what the handler threw, if it did. */
  buried: { readonly job: Leased; readonly reason: string; readonly error?: unknown };
  /** Somebody has called the job off while its handler ran here: it does not run again. */
  cancelled: { readonly job: Leased; readonly reason?: string };
  /**
   * The run ends without a result of its own: the lease was lost, the handler's transaction failed at its end, or the
   * worker stopped before the handler ended. The job runs again, here or elsewhere; no attempt is counted.
   */
  lost: { readonly job: Leased };
  /** A job starts whose lease has run out before (`job.timeouts` times): a worker died or hung with it. */
  stalled: { readonly job: Leased };
}

export type JobEventName = keyof JobEventMap;

/** The names of all events. */
export const JOB_EVENTS: Readonly<Record<JobEventName, true>> = {
  started: true,
  completed: true,
  retried: true,
  buried: true,
  lost: true,
  cancelled: true,
  stalled: true,
};

export type JobEventListener<N extends JobEventName> = (event: JobEventMap[N]) => unknown;

/** Calls listeners when something happens to a job. A listener that throws is logged, and stops nothing else. */
export class JobEvents {
  private readonly listeners = new Map<JobEventName, JobEventListener<never>[]>();

  private readonly logger: Logger;

  constructor(logger: Logger) {
    this.logger = unfailing(logger);
  }

  on<N extends JobEventName>(name: N, listener: JobEventListener<N>): void {
    const listeners = this.listeners.get(name);
    if (listeners) listeners.push(listener);
    else this.listeners.set(name, [listener]);
  }

  emit<N extends JobEventName>(name: N, event: JobEventMap[N]): void {
    const listeners = this.listeners.get(name) as JobEventListener<N>[] | undefined;
    if (listeners) for (const listener of listeners) void this.tell(listener, name, event);
  }

  private async tell<N extends JobEventName>(
    listener: JobEventListener<N>,
    name: N,
    event: JobEventMap[N],
  ): Promise<void> {
    try {
      await listener(event);
    } catch (error) {
      this.logger.error(
        `A listener for '${name}' failed at job ${event.job.id}: ${messageOf(error)}`,
        stackOf(error),
      );
    }
  }
}
