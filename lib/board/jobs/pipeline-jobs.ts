import type { JobStatus } from '@bull-board/api/typings/app';
import type { JobId, JobSnapshot, JobState } from '../../core/contract/job-data';
import type { EndedJob } from '../../core/contract/ports/history';
import { MOST_LINES } from '../../core/contract/ports/journal';
import { answered } from '../refusal';
import { BoardJob, STATUS } from './board-job';
import { KeptJob } from './kept-job';
import type { BoardParts, ShownJob } from './shown-job';

/** How many of a state are read at once. */
const A_PIECE = 1000;
const STATES = Object.keys(STATUS) as readonly JobState[];

/** The jobs of one pipeline as bull-board takes them: those that are there, and those that have ended and are kept. */
export class PipelineJobs {
  constructor(
    private readonly parts: BoardParts,
    private readonly pipeline: string,
  ) {}

  /** Of each of the states. */
  async page(statuses: readonly JobStatus[], offset: number, limit: number): Promise<ShownJob[]> {
    const wanted = STATES.filter((state) => statuses.includes(STATUS[state]));
    const [ended, ...present] = await answered(() =>
      Promise.all([
        statuses.includes('completed') ? this.ended(offset, limit) : [],
        ...wanted.map((state) => this.present(state, offset, limit)),
      ]),
    );
    const jobs = await Promise.all(present.flat().map((job) => this.shown(job)));
    return [...jobs, ...ended.map((job) => new KeptJob(job, this.parts))];
  }

  async all(statuses: readonly JobStatus[]): Promise<ShownJob[]> {
    const found: ShownJob[] = [];
    for (let offset = 0; ; offset += A_PIECE) {
      const jobs = await this.page(statuses, offset, A_PIECE);
      if (jobs.length === 0) return found;
      found.push(...jobs);
    }
  }

  /** Those of one state, as they are. A system that cannot list (beanstalkd) tells of the first that rests. */
  async present(state: JobState, offset: number, limit: number): Promise<JobSnapshot[]> {
    const { inspect, features } = this.parts.backend;
    if (features.listing) return features.listing.list(this.pipeline, state, { offset, limit });
    if (state === 'reserved' || offset > 0) return [];
    const first = await inspect.peek(this.pipeline, state);
    return first ? [first] : [];
  }

  async find(id: JobId): Promise<ShownJob | undefined> {
    const { inspect, features } = this.parts.backend;
    const found = await answered(() => inspect.find(id));
    // What ends between the two looks is found by the second.
    const ended = found ? undefined : await answered(async () => features.history?.find(id));
    if ((found ?? ended)?.pipeline !== this.pipeline) return undefined;
    const progress = await this.progress(id);
    if (ended) return new KeptJob(ended, this.parts, progress);
    return found && new BoardJob(found, this.parts, progress);
  }

  async logs(id: JobId): Promise<string[]> {
    const { journal } = this.parts.backend.features;
    const lines = await answered(async () => journal?.lines(id, { limit: MOST_LINES }));
    return (lines ?? []).map(({ at, text }) => `${at.toISOString()} ${text}`);
  }

  private async ended(offset: number, limit: number): Promise<EndedJob[]> {
    return this.parts.backend.features.history?.list(this.pipeline, { offset, limit }) ?? [];
  }

  /** In a list, progress is read of running jobs alone: to ask for each job would take a statement for each. */
  private async shown(job: JobSnapshot): Promise<ShownJob> {
    return new BoardJob(job, this.parts, job.state === 'reserved' ? await this.progress(job.id) : undefined);
  }

  private async progress(id: JobId): Promise<unknown> {
    const { backend, view } = this.parts;
    const progress = await answered(async () => backend.features.journal?.progress(id));
    return progress && view.decoded({ payload: progress.value });
  }
}
