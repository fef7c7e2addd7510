import { BaseAdapter } from '@bull-board/api/dist/queueAdapters/base.js';
import type {
  AppJobScheduler,
  JobCleanStatus,
  JobCounts,
  JobSchedulerRepeatOptions,
  JobSchedulerUpdateResult,
  JobStatus,
  ObliterateOptions,
  QueueJob,
  QueueJobOptions,
  QueueMetrics,
  QueueWorker,
  Status,
} from '@bull-board/api/typings/app';
import { read } from '../core/checks/text';
import { InvalidScheduleError } from '../core/contract/errors';
import type { JobState, RestingState } from '../core/contract/job-data';
import type { BoardRequest } from './board-options';
import { bullSchedulerOf, withRule } from './board-schedule';
import { bullWorkerOf } from './board-worker';
import { jobOptionsOf } from './bull-options';
import { STATUS } from './jobs/board-job';
import { goneJob } from './jobs/gone-job';
import { PipelineJobs } from './jobs/pipeline-jobs';
import type { BoardParts } from './jobs/shown-job';
import type { BoardCounts, QueueReader } from './queue-reader';
import { answered, Refusal } from './refusal';

/** What an adapter is made of. */
export interface AdapterParts extends BoardParts {
  readonly reader: QueueReader;
  readonly pipeline: string;
  /** Before the pipeline's name where several queues share a board. */
  readonly prefix: string;
  readonly readOnly: boolean;
  readonly visibleTo: (request: BoardRequest) => Promise<boolean>;
}

const STATES = Object.keys(STATUS) as readonly JobState[];
const AT_ONCE = 100;
/** Of figures that are older the page says so, in seconds: it asks for them every few seconds itself. */
const OLD = 2;

/** One pipeline as bull-board takes a queue. */
export class PipelineAdapter extends BaseAdapter {
  /** What the page was told last. */
  private counted: BoardCounts | undefined;

  private readonly jobs: PipelineJobs;

  constructor(private readonly parts: AdapterParts) {
    // As "bull", the page would have no buttons for schedules.
    super('bullmq', {
      prefix: parts.prefix,
      readOnlyMode: parts.readOnly,
      // All of them would not end: each makes a new job, which is the first of the list when it has ended.
      allowCompletedRetries: false,
      ...(parts.prefix !== '' && { delimiter: ':' }),
    });
    this.jobs = new PipelineJobs(parts, parts.pipeline);
  }

  /** The last thing that bull-board asks before it does what a button says. */
  override async isVisible(request: BoardRequest): Promise<boolean> {
    const { reader, pipeline, visibleTo } = this.parts;
    if (!(await visibleTo(request))) return false;
    // "Retry all" retries as many as were counted.
    if (isForAll(request, 'failed')) await answered(() => reader.countToTheEnd(pipeline));
    return true;
  }

  /** The page takes numbers alone, so the title says where there are more jobs than the number. */
  override getDisplayName(): string {
    const { counted } = this;
    if (!counted || counted.more.length === 0) return '';
    const more = counted.more.map((state) => `${counted.jobs[state].toLocaleString('en')}+ ${state}`);
    return `${this.getName()} (${more.join(', ')})`;
  }

  override getDescription(): string {
    const { age } = this.parts.reader;
    return age < OLD ? '' : `Counted ${age} s ago.`;
  }

  getName(): string {
    return `${this.parts.prefix}${this.parts.pipeline}`;
  }

  getStatuses(): Status[] {
    return ['latest', ...this.getJobStatuses()];
  }

  getJobStatuses(): JobStatus[] {
    const keeps = this.parts.backend.features.history !== undefined;
    return ['active', 'waiting', 'delayed', 'failed', ...(keeps ? (['completed'] as const) : [])];
  }

  async getJobCounts(): Promise<JobCounts> {
    const counted = await this.counts();
    this.counted = counted;
    return { ...counted.jobs };
  }

  async isPaused(): Promise<boolean> {
    return (await this.counts()).paused;
  }

  /** Jobs of one state, or the first ones of several; without an end all, for "Retry all" of bull-board 9.4. */
  async getJobs(statuses: JobStatus[], start = 0, end?: number): Promise<QueueJob[]> {
    const { reader, pipeline } = this.parts;
    if (end === undefined) return this.jobs.all(statuses);
    const title = `${start} to ${end} of ${pipeline}, ${statuses.join(', ')}`;
    return reader.page(title, () => this.jobs.page(statuses, start, end - start + 1));
  }

  getJob(id: string): Promise<QueueJob | undefined> {
    return this.jobs.find(id);
  }

  getJobLogs(id: string): Promise<string[]> {
    return this.jobs.logs(id);
  }

  override async getWorkers(): Promise<QueueWorker[] | null> {
    const workers = await answered(() => this.parts.reader.workersOf(this.parts.pipeline));
    return workers?.map(bullWorkerOf) ?? null;
  }

  async addJob(_name: string, payload: unknown, options: QueueJobOptions): Promise<QueueJob> {
    this.parts.view.checkEditable();
    const { queue, pipeline } = this.parts;
    const id = await answered(async () => queue.addJob(pipeline, payload ?? null, jobOptionsOf(options)));
    this.parts.changed();
    return (await this.getJob(id)) ?? goneJob(id, pipeline);
  }

  /** Without regard to their age: the page says "all". */
  async clean(status: JobCleanStatus | JobStatus): Promise<void> {
    if (status === 'completed') return this.clearEnded();
    const state = STATES.find((each) => STATUS[each] === (status === 'wait' ? 'waiting' : status));
    if (state === undefined || state === 'reserved')
      throw new Refusal(400, `Jobs that are ${status} cannot be cleared.`);
    await this.clear(state);
  }

  async pause(): Promise<void> {
    await this.change(() => this.parts.queue.pause(this.parts.pipeline));
  }

  async resume(): Promise<void> {
    await this.change(() => this.parts.queue.resume(this.parts.pipeline));
  }

  /** All jobs that wait; buried and running ones stay. */
  async empty(): Promise<void> {
    await this.clear('ready', 'delayed');
  }

  async obliterate({ force = false }: ObliterateOptions = {}): Promise<void> {
    const { queue, pipeline, reader } = this.parts;
    const { reserved } = await answered(() => queue.stats(pipeline));
    // bull-board knows this very text, and then offers to do it all the same.
    if (reserved > 0 && !force) throw new Error('Cannot obliterate queue with active jobs');
    await this.clear('ready', 'delayed', 'buried');
    await this.clearEnded();
    await this.resume();
    reader.drop(pipeline);
  }

  /** By their ids: a kick of the pipeline would take its buried jobs first. */
  async promoteAll(): Promise<void> {
    const { queue, pipeline } = this.parts;
    let left = (await answered(() => queue.stats(pipeline))).delayed;
    while (left > 0) {
      const jobs = await answered(() => this.jobs.present('delayed', 0, Math.min(left, AT_ONCE)));
      if (jobs.length === 0) break;
      await answered(() => Promise.all(jobs.map(({ id }) => queue.kickJob(id))));
      left -= jobs.length;
    }
    this.parts.changed();
  }

  async getJobSchedulers(): Promise<Omit<AppJobScheduler, 'queueName'>[]> {
    const schedules = await this.parts.reader.schedulesOf(this.parts.pipeline);
    return schedules.map((schedule) => bullSchedulerOf(schedule, this.parts.view));
  }

  async getJobSchedulersCount(): Promise<number> {
    return (await this.parts.reader.schedulesOf(this.parts.pipeline)).length;
  }

  async removeJobScheduler(name: string): Promise<boolean> {
    return this.change(() => this.parts.queue.schedules.remove(name));
  }

  override get supportsJobSchedulerUpdate(): boolean {
    return true;
  }

  async updateJobScheduler(name: string, rule: JobSchedulerRepeatOptions): Promise<JobSchedulerUpdateResult> {
    const { queue, view } = this.parts;
    if (rule.limit !== undefined || rule.endDate !== undefined)
      throw new Refusal(400, 'A schedule has neither a limit nor an end date here.');
    return this.change(async () => {
      const schedule = await queue.schedules.get(name);
      if (!schedule) return 'not-found';
      // The message says which part is wrong, or that the schedule stands in the code.
      await queue.schedules.set(name, withRule(schedule, rule, view.decoded(schedule)));
      return 'updated';
    });
  }

  override get supportsJobSchedulerRun(): boolean {
    return true;
  }

  async runJobSchedulerNow(name: string): Promise<QueueJob | 'not-found'> {
    const { queue, pipeline } = this.parts;
    try {
      const id = await this.change(() => queue.schedules.runNow(name));
      return (await this.getJob(id)) ?? goneJob(id, pipeline);
    } catch (error) {
      if (error instanceof Refusal && error.cause instanceof InvalidScheduleError) return 'not-found';
      throw error;
    }
  }

  /** bull-board shows nothing for what cannot be had. */
  async getMetrics(): Promise<QueueMetrics> {
    throw new Refusal(404, 'The queue counts no finished jobs.');
  }

  async getRedisInfo(): Promise<null> {
    return null;
  }

  async getGlobalConcurrency(): Promise<null> {
    return null;
  }

  async setGlobalConcurrency(): Promise<void> {
    throw new Refusal(
      400,
      'A pipeline has no limit over all its workers: set the option concurrency of @Process(), for each process.',
    );
  }

  /* What the page of flows asks for: there are none. */

  getQueueName(): string {
    return this.parts.pipeline;
  }

  getQueueQualifiedName(): string {
    return this.getName();
  }

  async getFlowProducer(): Promise<null> {
    return null;
  }

  private counts(): Promise<BoardCounts> {
    return answered(() => this.parts.reader.countsOf(this.parts.pipeline));
  }

  private async clear(...states: readonly RestingState[]): Promise<void> {
    const { queue, pipeline } = this.parts;
    await this.change(async () => {
      for (const state of states) await queue.clear(pipeline, state);
    });
  }

  private async clearEnded(): Promise<void> {
    const { backend, pipeline } = this.parts;
    await this.change(async () => backend.features.history?.clear(pipeline));
  }

  private async change<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await answered(act);
    } finally {
      this.parts.changed();
    }
  }
}

/** Whether it is of a button that is meant for all jobs of that state. */
function isForAll(request: BoardRequest, status: JobStatus): boolean {
  return read(read(request, 'params'), 'queueStatus') === status;
}
