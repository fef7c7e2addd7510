import type { JobState } from '../core/contract/job-data';
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

  /** Their names, those of empty ones among them. */
  async pipelines(): Promise<ReadonlySet<string>> {
    await this.counts();
    return this.known;
  }

  async countsOf(pipeline: string): Promise<BoardCounts> {
    return (await this.counts()).get(pipeline) ?? NO_JOBS;
  }

  async schedulesOf(pipeline: string): Promise<readonly ScheduleSnapshot[]> {
    return (await this.schedules()).filter((schedule) => schedule.pipeline === pipeline);
  }

  /** The processes that work on it; undefined where the queue does not know. */
  async workersOf(pipeline: string): Promise<readonly WorkerProcess[] | undefined> {
    const workers = await this.looks.get('workers', () =>
      orWithout(() => this.shown.queue.workers(), undefined),
    );
    return workers?.filter(({ pipelines }) => pipelines.includes(pipeline));
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
    const [names, schedules] = await Promise.all([
      this.looks.get('names', () => this.readNames()),
      this.schedules(),
    ]);
    for (const name of [...names, ...schedules.map(({ pipeline }) => pipeline)]) this.known.add(name);
    return this.looks.get('counts', () => this.readCounts([...this.known]));
  }

  private schedules(): Promise<readonly ScheduleSnapshot[]> {
    return this.looks.get('schedules', () => this.readSchedules());
  }

  private async readNames(): Promise<readonly string[]> {
    const { queue, backend } = this.shown;
    const [present, ended] = await Promise.all([
      queue.listPipelines(),
      backend.features.history?.pipelines(),
    ]);
    return [...present, ...(ended ?? [])];
  }

  private async readCounts(pipelines: readonly string[]): Promise<ReadonlyMap<string, BoardCounts>> {
    const { queue, backend } = this.shown;
    const share = Math.floor(COUNTED_JOBS / Math.max(1, pipelines.length));
    const limit = Math.min(MOST_OF_A_STATE, Math.max(LEAST_OF_A_STATE, share));
    const [present, ended] = await Promise.all([
      queue.counts(pipelines, { limit }),
      backend.features.history?.count(pipelines, limit),
    ]);
    return new Map(present.map((each, index) => [each.pipeline, boardCounts(each, ended?.[index])]));
  }

  private async readSchedules(): Promise<readonly ScheduleSnapshot[]> {
    const found: ScheduleSnapshot[] = [];
    for (;;) {
      const page = { offset: found.length, limit: SCHEDULES_A_PAGE };
      const more = await orWithout(() => this.shown.queue.schedules.list(page), []);
      found.push(...more);
      if (more.length < SCHEDULES_A_PAGE) return found;
    }
  }
}

function boardCounts(present: PipelineCounts, ended: EndedCounts | undefined): BoardCounts {
  return {
    jobs: {
      waiting: present.ready,
      delayed: present.delayed,
      active: present.reserved,
      failed: present.buried,
      completed: (ended?.completed ?? 0) + (ended?.cancelled ?? 0),
    },
    more: [
      ...present.more.map((state) => STATUS[state]),
      ...(ended && ended.more.length > 0 ? (['completed'] as const) : []),
    ],
    paused: present.pausedFor > 0,
  };
}
