import type { PipelineStats } from '../core/contract/job-data';
import type { WorkerProcess } from '../core/contract/registry';
import type { ScheduleSnapshot } from '../core/contract/schedules';
import type { JobQueueService } from '../nest/service/job-queue.service';
import { Fresh } from './fresh';
import { orWithout } from './refusal';

const SCHEDULES_A_PAGE = 500;

const NO_JOBS: PipelineStats = { ready: 0, delayed: 0, reserved: 0, buried: 0, pausedFor: 0 };

/**
 * What the page shows of a whole queue, read once for all its pipelines: bull-board asks each of them by itself, at every
 * look of every browser.
 */
export class QueueReader {
  private readonly stats: Fresh<ReadonlyMap<string, PipelineStats>>;
  private readonly schedules: Fresh<readonly ScheduleSnapshot[]>;
  private readonly workers: Fresh<readonly WorkerProcess[] | undefined>;
  /** Those that were ever seen: a queue that is empty now does not vanish under its reader. */
  private readonly known: Set<string>;

  constructor(
    private readonly queue: JobQueueService,
    pipelines: readonly string[],
  ) {
    this.known = new Set(pipelines);
    this.stats = new Fresh(() => this.readStats());
    this.schedules = new Fresh(() => this.readSchedules());
    this.workers = new Fresh(() => orWithout(() => this.queue.workers(), undefined));
  }

  /** Their names, those of empty ones among them. */
  async pipelines(): Promise<ReadonlySet<string>> {
    await this.stats.get();
    return this.known;
  }

  async statsOf(pipeline: string): Promise<PipelineStats> {
    return (await this.stats.get()).get(pipeline) ?? NO_JOBS;
  }

  async schedulesOf(pipeline: string): Promise<readonly ScheduleSnapshot[]> {
    return (await this.schedules.get()).filter((schedule) => schedule.pipeline === pipeline);
  }

  /** The processes that work on it; undefined where the queue does not know. */
  async workersOf(pipeline: string): Promise<readonly WorkerProcess[] | undefined> {
    return (await this.workers.get())?.filter(({ pipelines }) => pipelines.includes(pipeline));
  }

  /** Of a pipeline that was removed from the board. */
  drop(pipeline: string): void {
    this.known.delete(pipeline);
    this.changed();
  }

  /** Something was changed: the next look reads it. */
  changed(): void {
    this.stats.forget();
    this.schedules.forget();
  }

  private async readStats(): Promise<ReadonlyMap<string, PipelineStats>> {
    const [names, schedules] = await Promise.all([this.queue.listPipelines(), this.schedules.get()]);
    for (const name of [...names, ...schedules.map(({ pipeline }) => pipeline)]) this.known.add(name);
    const stats = [...this.known].map(async (name) => [name, await this.queue.stats(name)] as const);
    return new Map(await Promise.all(stats));
  }

  private async readSchedules(): Promise<readonly ScheduleSnapshot[]> {
    const found: ScheduleSnapshot[] = [];
    for (;;) {
      const page = { offset: found.length, limit: SCHEDULES_A_PAGE };
      const more = await orWithout(() => this.queue.schedules.list(page), []);
      found.push(...more);
      if (more.length < SCHEDULES_A_PAGE) return found;
    }
  }
}
