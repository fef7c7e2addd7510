import { lineOf } from '../checks/text';
import type { JobCancelledError } from '../contract/errors';
import type { Leased, Seconds } from '../contract/job-data';
import type { Logger } from '../contract/logger';
import { EventLog } from '../policy/event-log';
import type { JobEvents, RunTimes } from '../policy/job-events';
import { type Clock, steadyClock } from '../time/clock';
import type { FinishedJob } from './completions';
import type { RunningJob } from './run/running-job';

/** Tells the log and the listeners what happens to jobs: of every run, one start and exactly one end. */
export class Reporter {
  constructor(
    private readonly events: JobEvents,
    private readonly logger: Logger,
    private readonly log = new EventLog(logger),
    private readonly clock: Clock = steadyClock,
  ) {}

  started(job: Leased): void {
    if (job.timeouts > 0) {
      this.log.tell('stalled', () => `${named(job)} starts again: ${job.timeouts} of its workers were lost`);
      this.events.emit('stalled', () => ({ job }));
    }
    this.log.tell('started', () => `${named(job)} starts attempt ${job.attempt}`);
    this.events.emit('started', () => ({ job }));
  }

  /** The backend has said so. */
  settled({ running, outcome, error, ran }: FinishedJob): void {
    if (running.told) return;
    running.told = true;
    const { reserved: job } = running;
    switch (outcome.outcome) {
      case 'delete':
        this.log.tell('completed', () => `${named(job)} is done at attempt ${job.attempt}`);
        return this.events.emit('completed', () => ({ job, ...this.timesOfRun(running, ran) }));
      case 'release':
        if (outcome.planned)
          return this.events.emit('retried', () => ({
            ...{ job, delay: outcome.delay, error, planned: true },
            ...this.timesOfRun(running, ran),
          }));
        this.log.tell(
          'retried',
          () =>
            `${named(job)} ended attempt ${job.attempt} and is tried again in ${outcome.delay.toFixed(1)} s: ${lineOf(error)}`,
        );
        return this.events.emit('retried', () => ({
          job,
          delay: outcome.delay,
          error,
          ...this.timesOfRun(running, ran),
        }));
      case 'bury':
        this.log.tell(
          'buried',
          () => `${named(job)} is buried at attempt ${job.attempt}: ${lineOf(outcome.reason)}`,
        );
        return this.events.emit('buried', () => ({
          job,
          reason: outcome.reason,
          error,
          ...this.timesOfRun(running, ran),
        }));
    }
  }

  /** The lease is lost while the handler runs. */
  lostInMidRun(running: RunningJob): void {
    if (running.cancelled) return this.cancelled(running, running.cancelled);
    const { id, pipeline } = running.reserved;
    this.lost(running, `Job ${id} of ${pipeline} is no longer ours while its handler runs; it runs again`);
  }

  /** The backend did not know the lease when the job was settled. */
  lostAtItsEnd({ running, ran }: FinishedJob, doubtful: boolean): void {
    if (running.cancelled) return this.cancelled(running, running.cancelled);
    const { id, pipeline, attempt } = running.reserved;
    const why = doubtful
      ? 'it was settled by a request whose answer never came, or its time ran out meanwhile'
      : 'its time to run was over before its handler ended; it runs again';
    this.lost(running, `Job ${id} of ${pipeline} was no longer ours at attempt ${attempt}: ${why}`, ran);
  }

  /** The handler has ended, and its job goes back: as if it had not run. */
  undone(running: RunningJob, line: string): void {
    this.lost(running, line);
  }

  /** The worker ends before these handlers have: the jobs go back and run again. Whoever ends the worker logs all of them. */
  unfinished(all: readonly RunningJob[]): void {
    for (const running of all) if (running.started) this.lost(running);
  }

  /** A fault of ours: the job is not lost, and runs again. */
  failedToRun(running: RunningJob, error: unknown): void {
    const { id, pipeline } = running.reserved;
    this.lost(running, `Job ${id} of ${pipeline} could not be run and is given back: ${lineOf(error)}`);
  }

  refused({ running, outcome }: FinishedJob, error: unknown): void {
    const { id, pipeline } = running.reserved;
    this.logger.error(
      `Job ${id} of ${pipeline} could not be settled (${outcome.outcome}) as it was, and is settled in a plainer form: ${lineOf(error)}`,
    );
  }

  /** There is no time for another try: the backend frees these jobs when their time to run is over. */
  gaveUp(finished: readonly FinishedJob[], error: unknown): void {
    if (finished.length === 0) return;
    for (const { running } of finished) this.lost(running);
    const ids = finished.map(({ running: { reserved } }) => `${reserved.pipeline} ${reserved.id}`).join(', ');
    this.logger.error(
      `Jobs have ended but could not be settled, and run again when their ttr is over (${ids}): ${lineOf(error)}`,
    );
  }

  private cancelled(running: RunningJob, { reason }: JobCancelledError): void {
    if (running.told) return;
    running.told = true;
    running.lost = true;
    const { reserved: job } = running;
    this.log.tell('cancelled', () => {
      const why = reason === undefined ? '' : `: ${lineOf(reason)}`;
      return `${named(job)} was cancelled while its handler ran${why}`;
    });
    const why = reason === undefined ? {} : { reason };
    this.events.emit('cancelled', () => ({ job, ...why, ...this.timesOf(running) }));
  }

  private lost(running: RunningJob, line?: string, ran?: Seconds): void {
    if (running.told) return;
    running.told = true;
    running.lost = true;
    if (line !== undefined) this.log.tell('lost', () => line);
    this.events.emit('lost', () => ({ job: running.reserved, ...this.timesOf(running, ran) }));
  }

  private timesOfRun(running: RunningJob, ran: Seconds | undefined): RunTimes {
    return ran === undefined ? {} : this.timesOf(running, ran);
  }

  /** Until now where the run has not ended. A job that waits for another run of itself has not started. */
  private timesOf({ started, startedAt }: RunningJob, ran?: Seconds): RunTimes {
    if (!started) return {};
    const age = this.clock.now() - startedAt;
    return { startedAt: new Date(Date.now() - age), ran: ran ?? age / 1000 };
  }
}

function named({ id, pipeline }: Leased): string {
  return `Job ${id} of ${pipeline}`;
}
