import type { JobState as BullState, QueueJobJson } from '@bull-board/api/typings/app';
import type { JobId, JobSnapshot, JobState } from '../../core/contract/job-data';
import { DEFAULT_PRIORITY } from '../../core/policy/job-options';
import { bullOptionsOf } from '../bull-options';
import { answered, Refusal } from '../refusal';
import { errorsOf } from './attempt-errors';
import { type BoardParts, nameOf, progressOf, type ShownJob } from './shown-job';

export const STATUS = {
  ready: 'waiting',
  delayed: 'delayed',
  reserved: 'active',
  buried: 'failed',
} as const satisfies Record<JobState, BullState>;

/** Why a running job was called off. */
const REMOVED = 'removed on the board';

/** A job as bull-board takes it. */
export class BoardJob implements ShownJob {
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
    const lastStart = job.failures?.at(-1)?.startedAt;
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
      ...(lastStart && { processedOn: lastStart.getTime() }),
      ...(job.buriedAt && { finishedOn: job.buriedAt.getTime() }),
      ...errorsOf(job),
      progress: progressOf(this.progress),
      returnvalue: null,
    };
  }

  /** A kick: of a buried job. One that is neither buried nor delayed any more was kicked by somebody else. */
  async retry(): Promise<void> {
    await answered(() => this.parts.queue.kickJob(this.id));
    this.parts.changed();
  }

  /** A kick: of a delayed job. */
  promote(): Promise<void> {
    return this.retry();
  }

  /** One that a worker holds is called off. */
  async remove(): Promise<void> {
    const { queue, backend } = this.parts;
    const remove = async (): Promise<boolean> =>
      (await queue.deleteJob(this.id)) ||
      (backend.features.cancelling !== undefined && (await queue.cancelJob(this.id, REMOVED)));
    await this.act(remove, 'is reserved by a worker');
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
    const now = await answered(() => this.parts.backend.inspect.find(this.id));
    if (!now) return;
    this.job = now;
    throw new Refusal(409, `The job ${this.id} ${obstacle}: nothing was changed.`);
  }
}

/** bull-board counts a delay from the time when the job was added. */
function delayOf({ addedAt, delay }: JobSnapshot): number {
  return Math.max(0, Math.round(Date.now() + delay * 1000 - (addedAt?.getTime() ?? 0)));
}
