import type { JobState as BullState, QueueJob, QueueJobJson } from '@bull-board/api/typings/app';
import { read } from '../core/checks/text';
import type { JobId, JobSnapshot, JobState } from '../core/contract/job-data';
import { DEFAULT_PRIORITY } from '../core/policy/job-options';
import type { JobQueueService } from '../nest/service/job-queue.service';
import { bullOptionsOf, parsed } from './bull-options';
import type { PayloadView } from './payload-view';
import { answered, Refusal } from './refusal';

/** What a job's buttons work with. */
export interface BoardParts {
  readonly queue: JobQueueService;
  readonly view: PayloadView;
  /** Forgets what was read: the page reads anew after each button. */
  readonly changed: () => void;
}

export const STATUS = {
  ready: 'waiting',
  delayed: 'delayed',
  reserved: 'active',
  buried: 'failed',
} as const satisfies Record<JobState, BullState>;

/** A job as bull-board takes it. */
export class BoardJob implements QueueJob {
  /** bull-board reads it, though its type does not have it. */
  readonly id: JobId;
  readonly opts: { delay?: number };

  constructor(
    private job: JobSnapshot,
    private readonly parts: BoardParts,
    private readonly progress?: unknown,
  ) {
    this.id = job.id;
    this.opts = job.state === 'delayed' ? { delay: delayOf(job) } : {};
  }

  async getState(): Promise<BullState> {
    return STATUS[this.job.state];
  }

  toJSON(): QueueJobJson {
    const { job } = this;
    const reason = job.reason ?? '';
    return {
      id: job.id,
      name: nameOf(job),
      data: this.parts.view.payloadOf(job),
      opts: { ...bullOptionsOf(job), ...this.opts },
      timestamp: job.addedAt?.getTime() ?? 0,
      ...(job.state === 'delayed' && { delay: delayOf(job) }),
      ...(job.priority !== DEFAULT_PRIORITY && { priority: job.priority }),
      attemptsMade: job.attempts,
      stalledCounter: job.timeouts,
      failedReason: reason.split('\n', 1)[0] ?? '',
      stacktrace: reason === '' ? null : [reason],
      progress: progressOf(this.progress),
      returnvalue: null,
    };
  }

  /** A kick: of a buried job. */
  async retry(): Promise<void> {
    await this.act(() => this.parts.queue.kickJob(this.id), 'is neither buried nor delayed any more');
  }

  /** A kick: of a delayed job. */
  promote(): Promise<void> {
    return this.retry();
  }

  async remove(): Promise<void> {
    await this.act(() => this.parts.queue.deleteJob(this.id), 'is reserved by a worker');
  }

  async updateData(payload: unknown): Promise<void> {
    this.parts.view.checkEditable();
    await this.act(() => this.parts.queue.changeJob(this.id, { payload }), 'is reserved by a worker');
  }

  async changeDelay(milliseconds: number): Promise<void> {
    const delay = milliseconds / 1000;
    await this.act(() => this.parts.queue.changeJob(this.id, { delay }), 'is no longer delayed');
  }

  async changePriority({ priority = DEFAULT_PRIORITY }: { priority?: number }): Promise<void> {
    await this.act(() => this.parts.queue.changeJob(this.id, { priority }), 'is reserved by a worker');
  }

  /** For bull-board's page of flows, which then says that the job is in none. */
  get queueName(): string {
    return this.job.pipeline;
  }

  get queueQualifiedName(): string {
    return this.job.pipeline;
  }

  /** A job that is done meanwhile is none that the button has failed for. */
  private async act(change: () => Promise<boolean>, obstacle: string): Promise<void> {
    const changed = await answered(change);
    this.parts.changed();
    if (changed) return;
    const now = await answered(() => this.parts.queue.findJob(this.id));
    if (!now) return;
    this.job = now;
    throw new Refusal(409, `The job ${this.id} ${obstacle}: nothing was changed.`);
  }
}

/** A job that was added and is gone already: a worker was faster than the answer. */
export function endedJob(id: JobId, pipeline: string): QueueJob & { readonly id: JobId } {
  const gone = () => Promise.reject(new Refusal(404, `The job ${id} is done and was not kept.`));
  return {
    id,
    opts: {},
    promote: gone,
    remove: gone,
    retry: gone,
    getState: async () => 'completed',
    toJSON: () => ({
      id,
      name: pipeline,
      data: null,
      opts: {},
      timestamp: Date.now(),
      attemptsMade: 1,
      failedReason: '',
      stacktrace: null,
      progress: 0,
      returnvalue: null,
    }),
  };
}

/** The title of a job on the page. */
function nameOf({ pipeline, headers }: JobSnapshot): string {
  const schedule = headers === undefined ? undefined : read(parsed(headers), 'schedule');
  return typeof schedule === 'string' ? schedule : pipeline;
}

/** bull-board shows a number as a part of 100, and takes no array. */
function progressOf(progress: unknown): QueueJobJson['progress'] {
  if (Array.isArray(progress)) return { ...(progress as unknown[]) };
  return (progress as QueueJobJson['progress'] | undefined | null) ?? 0;
}

/** bull-board counts a delay from the time when the job was added. */
function delayOf({ addedAt, delay }: JobSnapshot): number {
  return Math.max(0, Math.round(Date.now() + delay * 1000 - (addedAt?.getTime() ?? 0)));
}
