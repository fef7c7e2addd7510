import type { JobState, PipelineStats } from '../core/contract/job-data';
import type { PipelineCounts } from '../core/contract/ports/counting';
import type { EndedCounts } from '../core/contract/ports/history';
import type { WorkerProcess } from '../core/contract/ports/registry';
import type { ScheduleSnapshot } from '../core/contract/ports/schedules';
import { STATUS } from './jobs/board-job';
import { Looks } from './looks';
import { orWithout } from './refusal';
import type { ShownQueue } from './shown-queue';

const SCHEDULES_A_PAGE = 500;

const NO_JOBS: BoardCounts = {
  jobs: { waiting: 0, delayed: 0, active: 0, failed: 0, completed: 0 },
  more: [],
  paused: false,
};
/** Of how many jobs the counts may come to, of all pipelines together. */
const COUNTED_JOBS = 100_000;
const MOST_OF_A_STATE = 10_000;
const LEAST_OF_A_STATE = 1000;

/** The jobs of a pipeline as the page counts them: those that have ended and are kept are completed there. */
export interface BoardCounts {
  readonly jobs: Readonly<Record<ShownState, number>>;
  /** Of which there may be more than were counted. */
  readonly more: readonly ShownState[];
  readonly paused: boolean;
}

type ShownState = (typeof STATUS)[JobState] | 'completed';

/**
 * What the page shows of a whole queue, read once for all its pipelines: bull-board asks each of them by itself, at every
 * look of every browser.
 */
export class QueueReader {
  private readonly looks = new Looks();
  /** Those that were ever seen: a queue that is empty now does not vanish under its reader. */
  private readonly known: Set<string>;

  constructor(
    private readonly shown: Pick<ShownQueue, 'queue' | 'backend'>,
    pipelines: readonly string[],
  ) {
    this.known = new Set(pipelines);
  }

  /** Their names, those of empty ones among them; the same map for one look. */
  pipelines(): Promise<ReadonlyMap<string, unknown>> {
    return this.counts();
  }

  async countsOf(pipeline: string): Promise<BoardCounts> {
    const toTheEnd = this.looks.known<PipelineStats>(toTheEndOf(pipeline));
    const counted = (await this.counts()).get(pipeline) ?? NO_JOBS;
    return toTheEnd ? countedToTheEnd(counted, await toTheEnd) : counted;
  }

  /** For what is to be done to all jobs: counts those of the pipeline anew, and to the end, for the look that begins now. */
  async countToTheEnd(pipeline: string): Promise<void> {
    this.changed();
    await this.looks.get(toTheEndOf(pipeline), () => this.shown.queue.stats(pipeline));
  }

  async schedulesOf(pipeline: string): Promise<readonly ScheduleSnapshot[]> {
    return (await this.schedules()).get(pipeline) ?? [];
  }

  /** The processes that work on it; undefined where the queue does not know. */
  async workersOf(pipeline: string): Promise<readonly WorkerProcess[] | undefined> {
    const workers = await this.looks.get('workers', () => this.readWorkers());
    return workers && (workers.get(pipeline) ?? []);
  }

  /** How long ago the figures were read, in seconds. */
  get age(): number {
    return Math.floor(this.looks.age / 1000);
  }

  /** A page of jobs, as old as the counts beside it: to find the few that run beside many that wait takes long, too. */
  page<T>(title: string, read: () => Promise<T>): Promise<T> {
    return this.looks.get(`page ${title}`, read);
  }

  /** Of a pipeline that was removed from the board. */
  drop(pipeline: string): void {
    this.known.delete(pipeline);
    this.changed();
  }

  /** Something was changed: the next look reads it. */
  changed(): void {
    this.looks.forget();
  }

  private async counts(): Promise<ReadonlyMap<string, BoardCounts>> {
    const schedules = await this.schedules();
    return this.looks.get('counts', () => this.readCounts(schedules.keys()));
  }

  private schedules(): Promise<ReadonlyMap<string, ScheduleSnapshot[]>> {
    return this.looks.get('schedules', () => this.readSchedules());
  }

  private async readCounts(scheduled: Iterable<string>): Promise<ReadonlyMap<string, BoardCounts>> {
    const { queue, backend } = this.shown;
    const { counting, history } = backend.features;
    const [present, ended] = await Promise.all([
      counting ? counting.pipelines() : queue.listPipelines(),
      history?.pipelines() ?? [],
    ]);
    for (const name of [...present, ...ended, ...scheduled]) this.known.add(name);
    const pipelines = [...this.known];
    const share = Math.floor(COUNTED_JOBS / Math.max(1, pipelines.length));
    const limit = Math.min(MOST_OF_A_STATE, Math.max(LEAST_OF_A_STATE, share));
    const [presentCounts, endedCounts] = await Promise.all([
      queue.counts(pipelines, { limit }),
      history?.count(ended, limit) ?? [],
    ]);
    const endedOf = new Map(endedCounts.map((each) => [each.pipeline, each]));
    return new Map(
      presentCounts.map((each) => [each.pipeline, boardCounts(each, endedOf.get(each.pipeline))]),
    );
  }

  private async readSchedules(): Promise<ReadonlyMap<string, ScheduleSnapshot[]>> {
    const found: ScheduleSnapshot[] = [];
    for (;;) {
      const page = { offset: found.length, limit: SCHEDULES_A_PAGE };
      const more = await orWithout(() => this.shown.queue.schedules.list(page), []);
      found.push(...more);
      if (more.length < SCHEDULES_A_PAGE) return byPipeline(found, ({ pipeline }) => [pipeline]);
    }
  }

  private async readWorkers(): Promise<ReadonlyMap<string, WorkerProcess[]> | undefined> {
    const workers = await orWithout(() => this.shown.queue.workers(), undefined);
    return workers && byPipeline(workers, ({ pipelines }) => pipelines);
  }
}

function toTheEndOf(pipeline: string): string {
  return `all of ${pipeline}`;
}

function countedToTheEnd({ jobs, more }: BoardCounts, stats: PipelineStats): BoardCounts {
  return {
    jobs: { ...jobs, ...presentOf(stats) },
    more: more.filter((state) => state === 'completed'),
    paused: stats.pausedFor > 0,
  };
}

function presentOf({ ready, delayed, reserved, buried }: PipelineStats) {
  return { waiting: ready, delayed, active: reserved, failed: buried };
}

/** By each of the pipelines that it belongs to. */
function byPipeline<T>(all: readonly T[], pipelinesOf: (one: T) => readonly string[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    for (const pipeline of pipelinesOf(one)) {
      const others = found.get(pipeline);
      if (others) others.push(one);
      else found.set(pipeline, [one]);
    }
  }
  return found;
}

function boardCounts(present: PipelineCounts, ended: EndedCounts | undefined): BoardCounts {
  return {
    jobs: {
      ...presentOf(present),
      completed: (ended?.completed ?? 0) + (ended?.cancelled ?? 0),
    },
    more: [
      ...present.more.map((state) => STATUS[state]),
      ...(ended && ended.more.length > 0 ? (['completed'] as const) : []),
    ],
    paused: present.pausedFor > 0,
  };
}
