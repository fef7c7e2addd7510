import { cutToBytes } from '../../../core/checks/text';
import { type FailedAttempt, LONGEST_FAILURE, MOST_FAILURES } from '../../../core/contract/failed-attempt';
import type { JobId, Seconds } from '../../../core/contract/job-data';
import {
  END_STATES,
  type EndedCounts,
  type EndedJob,
  type EndState,
  type HistoryPage,
  type Keep,
} from '../../../core/contract/ports/history';
import type { Clock } from '../clock';
import type { MemoryJob, Said } from '../memory-job';
import { EndNumbers } from './end-numbers';

interface Kept {
  readonly job: EndedJob;
  /** Among the ends of its pipeline. */
  readonly number: number;
  readonly until: number;
  readonly most: number;
  readonly said: Said | undefined;
}

/** So many more than were left by the last look are kept before the next one, where nobody looks. */
const MOST_UNSEEN = 1000;

/** The jobs of one memory backend that have ended and are kept. Every look removes first what is to go. */
export class MemoryKept {
  readonly numbers = new EndNumbers();
  private readonly kept = new Map<JobId, Kept>();
  private left = 0;

  constructor(private readonly clock: Clock) {}

  add(job: MemoryJob, state: EndState, keep: Keep): void {
    const endedAt = this.clock.now();
    const { id, pipeline, payload, priority, attempts, failures, headers, said } = job;
    const ended: EndedJob = {
      id,
      pipeline,
      state,
      payload,
      priority,
      attempts: state === 'completed' ? attempts + 1 : attempts,
      failures: [...failures],
      ...(keep.result !== undefined && { result: keep.result }),
      ...(keep.error !== undefined && { error: keep.error }),
      addedAt: new Date(job.addedAt),
      ...(keep.ran !== undefined && { startedAt: new Date(endedAt - keep.ran * 1000) }),
      endedAt: new Date(endedAt),
      ...(keep.worker !== undefined && { worker: keep.worker }),
      ...(headers !== undefined && { headers }),
    };
    this.kept.set(id, {
      job: ended,
      number: this.numbers.next(pipeline),
      until: endedAt + keep.for * 1000,
      most: keep.most ?? Infinity,
      said,
    });
    if (this.kept.size >= 2 * this.left + MOST_UNSEEN) this.prune();
  }

  /** The number of a job's end among those of its pipeline. */
  numberOf(id: JobId): number {
    return this.kept.get(id)?.number ?? 0;
  }

  several(ids: readonly JobId[]): EndedJob[] {
    this.prune();
    return ids.flatMap((id) => this.kept.get(id)?.job ?? []);
  }

  /** What the job has said while it ran. */
  saidOf(id: JobId): Said | undefined {
    this.prune();
    return this.kept.get(id)?.said;
  }

  list(pipeline: string, { state, after, offset = 0, limit }: HistoryPage): EndedJob[] {
    return this.of(pipeline)
      .filter((job) => state === undefined || job.state === state)
      .sort((one, other) => compared(other, one))
      .filter((job) => after === undefined || compared(job, after) < 0)
      .slice(offset, offset + limit);
  }

  pipelines(): string[] {
    this.prune();
    return [...new Set([...this.kept.values()].map(({ job }) => job.pipeline))].sort();
  }

  count(pipeline: string, limit: number): EndedCounts {
    const jobs = this.of(pipeline);
    const of = (end: EndState) => Math.min(limit, jobs.filter(({ state }) => state === end).length);
    const counts = { completed: of('completed'), cancelled: of('cancelled') };
    return { ...counts, pipeline, more: END_STATES.filter((end) => counts[end] >= limit) };
  }

  clear(pipeline: string): number {
    const jobs = this.of(pipeline);
    for (const { id } of jobs) this.kept.delete(id);
    return jobs.length;
  }

  remove(id: JobId): boolean {
    this.prune();
    return this.kept.delete(id);
  }

  private of(pipeline: string): EndedJob[] {
    this.prune();
    return [...this.kept.values()].map(({ job }) => job).filter((job) => job.pipeline === pipeline);
  }

  private prune(): void {
    const now = this.clock.now();
    const counts = new Map<string, number>();
    const newestFirst = [...this.kept].sort(([, one], [, other]) => compared(other.job, one.job));
    for (const [id, { job, until, most }] of newestFirst) {
      const group = `${job.pipeline} ${most}`;
      const count = (counts.get(group) ?? 0) + 1;
      counts.set(group, count);
      if (until <= now || count > most) this.kept.delete(id);
    }
    this.left = this.kept.size;
  }
}

/** With one failed attempt more, of those that are remembered; without a reason nothing has failed. */
export function withFailure(
  { failures, attempts }: MemoryJob,
  endedAt: number,
  { reason, ran = 0 }: { readonly reason?: string; readonly ran?: Seconds },
): readonly FailedAttempt[] {
  if (reason === undefined) return failures;
  const failure = {
    attempt: attempts + 1,
    startedAt: new Date(endedAt - ran * 1000),
    endedAt: new Date(endedAt),
    error: cutToBytes(reason, LONGEST_FAILURE),
  };
  return [...failures, failure].slice(-MOST_FAILURES);
}

function compared(one: Pick<EndedJob, 'id' | 'endedAt'>, other: Pick<EndedJob, 'id' | 'endedAt'>): number {
  return one.endedAt.getTime() - other.endedAt.getTime() || Number(one.id) - Number(other.id);
}
