import type { JobState as BullState, QueueJobJson } from '@bull-board/api/typings/app';
import { feature } from '../../core/contract/features';
import type { JobId } from '../../core/contract/job-data';
import type { EndedJob } from '../../core/contract/ports/history';
import { bullOptionsOf } from '../bull-options';
import { answered, Refusal } from '../refusal';
import { errorsOf } from './attempt-errors';
import { type BoardParts, nameOf, progressOf, type ShownJob } from './shown-job';

/** A job that has ended and is kept, as bull-board takes it. It knows no state of jobs that were called off. */
export class KeptJob implements ShownJob {
  readonly id: JobId;
  readonly opts = {};

  constructor(
    private readonly job: EndedJob,
    private readonly parts: BoardParts,
    private readonly progress?: unknown,
  ) {
    this.id = job.id;
  }

  async getState(): Promise<BullState> {
    return 'completed';
  }

  toJSON(): QueueJobJson {
    const { job } = this;
    const { view } = this.parts;
    const cancelled = job.state === 'cancelled';
    return {
      id: job.id,
      name: cancelled ? `${nameOf(job)} (cancelled)` : nameOf(job),
      data: view.payloadOf(job),
      opts: bullOptionsOf(job),
      timestamp: job.addedAt?.getTime() ?? 0,
      ...(job.startedAt && { processedOn: job.startedAt.getTime() }),
      ...(job.worker !== undefined && { processedBy: job.worker }),
      finishedOn: job.endedAt.getTime(),
      attemptsMade: job.attempts,
      ...errorsOf({ failures: job.failures, reason: job.error ?? (cancelled ? 'cancelled' : undefined) }),
      progress: progressOf(this.progress),
      returnvalue: job.result === undefined ? null : view.textOf(job.result, job),
    };
  }

  /** For bull-board's page of flows, which then says that the job is in none. */
  get queueName(): string {
    return this.job.pipeline;
  }

  get queueQualifiedName(): string {
    return this.job.pipeline;
  }

  /** A new job of the same payload and priority; this one stays as it ended. */
  async retry(): Promise<void> {
    const { queue, view, changed } = this.parts;
    const { pipeline, priority } = this.job;
    const payload = view.readable(this.job);
    await answered(() => queue.addJob(pipeline, payload, { priority }));
    changed();
  }

  async promote(): Promise<void> {
    throw new Refusal(409, `The job ${this.id} has ended: it is not delayed any more.`);
  }

  async remove(): Promise<void> {
    await answered(() => feature(this.parts.backend, 'history').remove(this.id));
    this.parts.changed();
  }
}
