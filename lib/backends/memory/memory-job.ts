import type { JobId, JobSnapshot, JobState, NewJob, Leased, StoredJob } from '../../core/contract/job-data';

/** One job as the memory backend keeps it. Its pipeline moves it from state to state. */
export class MemoryJob {
  readonly id: JobId;
  payload: string;
  readonly ttr: number;
  readonly retry: string | undefined;
  state: JobState = 'ready';
  priority: number;
  attempts = 0;
  timeouts = 0;
  kicks = 0;
  /** When a delayed job is ready, or a reservation runs out, in milliseconds since 1970. */
  due = 0;
  /** Which burial of the backend this was, counted from 1: the order in which jobs are kicked. */
  burial = 0;
  reason: string | undefined;
  /** The run of this lease is alone in its process. */
  alone = false;
  /** The last run was alone, and was lost. */
  lostAlone = false;
  /** Every lease is an object of its own, so that of an earlier run never fits. */
  lease: Leased | undefined;

  /** `age` counts the jobs of the backend, from 1: a lower one is older, in whichever pipeline. */
  constructor(
    readonly age: number,
    readonly pipeline: string,
    job: NewJob,
    private readonly addedAt: number,
  ) {
    this.id = String(age);
    this.payload = job.payload;
    this.priority = job.priority;
    this.ttr = job.ttr;
    this.retry = job.retry;
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
      ...(this.reason === undefined ? {} : { reason: this.reason }),
    };
  }

  private stored(): StoredJob {
    const { id, pipeline, payload, priority, ttr, timeouts, kicks, retry } = this;
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
    };
  }
}
