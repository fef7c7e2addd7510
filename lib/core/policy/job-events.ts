import { messageOf, stackOf } from '../checks/text';
import type { Leased, Seconds } from '../contract/job-data';
import type { Logger } from '../contract/logger';
import { unfailing } from '../contract/unfailing-logger';

/** When a handler ran; absent where none has started. */
export interface RunTimes {
  /** By the clock of this process. */
  readonly startedAt?: Date;
  /** How long it ran; of one that has not ended, until now. */
  readonly ran?: Seconds;
}

/** What happens to jobs in a worker: to `J`, a job as the listener gets it. */
export interface JobEventMap<J = Leased> {
  /** A handler is about to start. */
  started: { readonly job: J };
  /** The handler resolved and the job is deleted. */
  completed: RunTimes & { readonly job: J };
  /** The job will be tried again after `delay` seconds; with `planned` its handler asked for that, and nothing has failed. */
  retried: RunTimes & {
    readonly job: J;
    readonly delay: Seconds;
    readonly error?: unknown;
    readonly planned?: true;
  };
  /** The job is buried. `error` is what the handler threw, if it did. */
  buried: RunTimes & { readonly job: J; readonly reason: string; readonly error?: unknown };
  /** Somebody has called the job off while its handler ran here: it does not run again. */
  cancelled: RunTimes & { readonly job: J; readonly reason?: string };
  /**
   * The run ends without a result of its own: the lease was lost, the handler's transaction failed at its end, or the
   * worker stopped before the handler ended or the backend knew of its end. The job runs again, here or elsewhere; no
   * attempt is counted.
   */
  lost: RunTimes & { readonly job: J };
  /** A job starts whose lease has run out before (`job.timeouts` times): a worker died or hung with it. */
  stalled: { readonly job: J };
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

  /** The event is made only where somebody listens: most jobs have nobody. */
  emit<N extends JobEventName>(name: N, made: () => JobEventMap[N]): void {
    const listeners = this.listeners.get(name) as JobEventListener<N>[] | undefined;
    if (!listeners) return;
    const event = made();
    for (const listener of listeners) void this.tell(listener, name, event);
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
