import type { FailedAttempt } from '../../core/contract/failed-attempt';
import type {
  JobId,
  JobSnapshot,
  JobState,
  NewJob,
  Leased,
  StoredJob,
  UniqueKey,
} from '../../core/contract/job-data';
import type { LostListener } from '../../core/contract/leases';
import type { LogLine, Progress } from '../../core/contract/ports/journal';

/** What a job has said while it ran. */
export interface Said {
  progress: Progress | undefined;
  lines: LogLine[];
  /** Numbers its lines from 1. */
  logged: number;
}

/** One job as the memory backend keeps it. Its pipeline moves it from state to state. */
export class MemoryJob {
  readonly id: JobId;
  payload: string;
  ttr: number;
  retry: string | undefined;
  headers: string | undefined;
  /** The one that it holds, or held last and nobody has taken. */
  uniqueKey: string | undefined;
  state: JobState = 'ready';
  priority: number;
  attempts = 0;
  timeouts = 0;
  kicks = 0;
  failures: readonly FailedAttempt[] = [];
  /** When a delayed job is ready, or a reservation runs out, in milliseconds since 1970. */
  due = 0;
  /** Numbers the burials of the backend from 1: jobs are kicked in this order. */
  burial = 0;
  /** When that was, in milliseconds since 1970. */
  buriedAt = 0;
  reason: string | undefined;
  /** What it has said, if anything. */
  said: Said | undefined;
  /** The run of this lease is alone in its process. */
  alone = false;
  /** The last run was alone, and was lost. */
  lostAlone = false;
  /** Every lease is a new object, so the lease of an earlier run never matches. */
  lease: Leased | undefined;
  /** Who has that lease. */
  holder: LostListener | undefined;

  /** `age` numbers the jobs of the backend from 1, over all pipelines: a lower number is an older job. */
  constructor(
    readonly age: number,
    readonly pipeline: string,
    job: NewJob,
    readonly addedAt: number,
  ) {
    this.id = String(age);
    this.payload = job.payload;
    this.priority = job.priority;
    this.ttr = job.ttr;
    this.retry = job.retry;
    this.headers = job.headers;
  }

  /** What waits becomes the new job, and keeps its id and age. */
  become(job: NewJob): void {
    this.payload = job.payload;
    this.priority = job.priority;
    this.ttr = job.ttr;
    this.retry = job.retry;
    this.headers = job.headers;
    this.state = 'ready';
    this.attempts = this.timeouts = this.kicks = 0;
    this.alone = this.lostAlone = false;
    this.reason = undefined;
    this.failures = [];
  }

  /** Whether it counts as that key's job. */
  holdsKey({ until }: UniqueKey): boolean {
    if (this.state === 'buried') return false;
    return until === 'done' || (this.state !== 'reserved' && this.attempts + this.timeouts === 0);
  }

  reserved(): Leased {
    return { ...this.stored(), attempt: this.attempts + 1 };
  }

  snapshot(now: number): JobSnapshot {
    const timed = this.state === 'delayed' || this.state === 'reserved';
    return {
      ...this.stored(),
      state: this.state,
      attempts: this.attempts,
      delay: timed ? (this.due - now) / 1000 : 0,
      ...(this.uniqueKey === undefined ? {} : { unique: this.uniqueKey }),
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(this.state === 'buried' && { buriedAt: new Date(this.buriedAt) }),
      ...(this.failures.length > 0 && { failures: this.failures }),
    };
  }

  private stored(): StoredJob {
    const { id, pipeline, payload, priority, ttr, timeouts, kicks, retry, headers } = this;
    const addedAt = new Date(this.addedAt);
    return {
      id,
      pipeline,
      payload,
      priority,
      ttr,
      timeouts,
      kicks,
      addedAt,
      ...(retry !== undefined && { retry }),
      ...(headers !== undefined && { headers }),
    };
  }
}
