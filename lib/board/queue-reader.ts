import { UnsupportedByBackendError } from '../core/contract/errors';
import type { PipelineStats } from '../core/contract/job-data';
import type { ScheduleSnapshot } from '../core/contract/schedules';
import type { JobQueueService } from '../nest/service/job-queue.service';
import { Fresh } from './fresh';

const SCHEDULES_A_PAGE = 500;

const NO_JOBS: PipelineStats = { ready: 0, delayed: 0, reserved: 0, buried: 0, pausedFor: 0 };

/**
 * What the page shows of a whole queue, read once for all its pipelines: bull-board asks each of them by itself, at every
 * look of every browser.
 */
export class QueueReader {
  private readonly stats: Fresh<ReadonlyMap<string, PipelineStats>>;
  private readonly schedules: Fresh<readonly ScheduleSnapshot[]>;
  /** Those that were ever seen: a queue that is empty now does not vanish under its reader. */
  private readonly known: Set<string>;

  constructor(
    private readonly queue: JobQueueService,
    pipelines: readonly string[],
  ) {
    this.known = new Set(pipelines);
    this.stats = new Fresh(() => this.readStats());
    this.schedules = new Fresh(() => this.readSchedules());
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
    try {
      for (;;) {
        const page = await this.queue.schedules.list({ offset: found.length, limit: SCHEDULES_A_PAGE });
        found.push(...page);
        if (page.length < SCHEDULES_A_PAGE) return found;
      }
    } catch (error) {
      if (error instanceof UnsupportedByBackendError) return [];
      throw error;
    }
  }
}
