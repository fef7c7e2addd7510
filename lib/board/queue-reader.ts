import type { PipelineCounts } from '../core/contract/counting';
import type { WorkerProcess } from '../core/contract/registry';
import type { ScheduleSnapshot } from '../core/contract/schedules';
import type { JobQueueService } from '../nest/service/job-queue.service';
import { Fresh } from './fresh';
import { orWithout } from './refusal';

const SCHEDULES_A_PAGE = 500;

const NO_JOBS = { ready: 0, delayed: 0, reserved: 0, buried: 0, pausedFor: 0, more: [] };
/** Of how many jobs the counts may come to, of all pipelines together. */
const COUNTED_JOBS = 100_000;
const MOST_OF_A_STATE = 10_000;
const LEAST_OF_A_STATE = 1000;

/**
 * What the page shows of a whole queue, read once for all its pipelines: bull-board asks each of them by itself, at every
 * look of every browser.
 */
export class QueueReader {
  private readonly counts: Fresh<ReadonlyMap<string, PipelineCounts>>;
  private readonly names: Fresh<readonly string[]>;
  private readonly schedules: Fresh<readonly ScheduleSnapshot[]>;
  private readonly workers: Fresh<readonly WorkerProcess[] | undefined>;
  /** Those that were ever seen: a queue that is empty now does not vanish under its reader. */
  private readonly known: Set<string>;

  constructor(
    private readonly queue: JobQueueService,
    pipelines: readonly string[],
  ) {
    this.known = new Set(pipelines);
    this.counts = new Fresh(() => this.readCounts());
    this.names = new Fresh(() => this.queue.listPipelines());
    this.schedules = new Fresh(() => this.readSchedules());
    this.workers = new Fresh(() => orWithout(() => this.queue.workers(), undefined));
  }

  /** Their names, those of empty ones among them. */
  async pipelines(): Promise<ReadonlySet<string>> {
    await this.counts.get();
    return this.known;
  }

  async countsOf(pipeline: string): Promise<PipelineCounts> {
    return (await this.counts.get()).get(pipeline) ?? { ...NO_JOBS, pipeline };
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
    this.counts.forget();
    this.names.forget();
    this.schedules.forget();
  }

  private async readCounts(): Promise<ReadonlyMap<string, PipelineCounts>> {
    const [names, schedules] = await Promise.all([this.names.get(), this.schedules.get()]);
    for (const name of [...names, ...schedules.map(({ pipeline }) => pipeline)]) this.known.add(name);
    const share = Math.floor(COUNTED_JOBS / Math.max(1, this.known.size));
    const limit = Math.min(MOST_OF_A_STATE, Math.max(LEAST_OF_A_STATE, share));
    const counts = await this.queue.counts([...this.known], { limit });
    return new Map(counts.map((each) => [each.pipeline, each]));
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
