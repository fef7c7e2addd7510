import type { JobSnapshot, JobState, Leased, NewJob, Seconds, StoredJob } from 'nestjs-simple-job-queue';

/** What the file of a job holds. A change is a new record, written whole. */
export interface JobRecord extends Pick<NewJob, 'payload' | 'priority' | 'ttr' | 'retry' | 'headers'> {
  readonly id: string;
  /** Counts the jobs of the folder: the lower one is the older one, in whichever pipeline. */
  readonly age: number;
  readonly pipeline: string;
  readonly state: JobState;
  /** When a delayed job is ready, or a lease runs out, in milliseconds since 1970. */
  readonly due: number;
  /** The claim that holds the job. */
  readonly token: string | undefined;
  /** Counts the burials of the folder. */
  readonly burial: number;
  readonly reason: string | undefined;
  readonly attempts: number;
  readonly timeouts: number;
  readonly kicks: number;
  readonly addedAt: number;
}

export function newRecord(age: number, pipeline: string, job: NewJob): JobRecord {
  const { payload, priority, ttr, retry, headers, delay } = job;
  const now = Date.now();
  return {
    id: String(age),
    age,
    pipeline,
    payload,
    priority,
    ttr,
    ...(retry !== undefined && { retry }),
    ...(headers !== undefined && { headers }),
    state: delay > 0 ? 'delayed' : 'ready',
    due: now + delay * 1000,
    token: undefined,
    burial: 0,
    reason: undefined,
    attempts: 0,
    timeouts: 0,
    kicks: 0,
    addedAt: now,
  };
}

/** The job as it is by now: nothing is written when a delay is over or a lease runs out. */
export function asOf(job: JobRecord, now: number): JobRecord {
  if (now < job.due || (job.state !== 'delayed' && job.state !== 'reserved')) return job;
  return ready(job, { timeouts: job.timeouts + (job.state === 'reserved' ? 1 : 0) });
}

export function ready(job: JobRecord, changes: Partial<JobRecord> = {}): JobRecord {
  return { ...job, state: 'ready', due: 0, token: undefined, reason: undefined, ...changes };
}

export function delayed(job: JobRecord, delay: Seconds): JobRecord {
  return delay > 0 ? { ...job, state: 'delayed', due: Date.now() + delay * 1000 } : job;
}

export function reserved(job: JobRecord, token: string): JobRecord {
  return { ...job, state: 'reserved', due: Date.now() + job.ttr * 1000, token };
}

export function leased(job: JobRecord): Leased {
  return { ...stored(job), attempt: job.attempts + 1 };
}

export function snapshot(job: JobRecord, now: number): JobSnapshot {
  const { state, attempts, reason } = job;
  const timed = state === 'delayed' || state === 'reserved';
  return {
    ...stored(job),
    state,
    attempts,
    delay: timed ? (job.due - now) / 1000 : 0,
    ...(reason !== undefined && { reason }),
  };
}

function stored({
  id,
  pipeline,
  payload,
  priority,
  ttr,
  timeouts,
  kicks,
  retry,
  headers,
  addedAt,
}: JobRecord): StoredJob {
  return {
    id,
    pipeline,
    payload,
    priority,
    ttr,
    timeouts,
    kicks,
    addedAt: new Date(addedAt),
    ...(retry !== undefined && { retry }),
    ...(headers !== undefined && { headers }),
  };
}

/** The order in which jobs leave a state. */
export function comesBefore(state: JobState): (one: JobRecord, other: JobRecord) => number {
  const rank = (job: JobRecord): number => {
    if (state === 'ready') return job.priority;
    return state === 'buried' ? job.burial : job.due;
  };
  return (one, other) => rank(one) - rank(other) || one.age - other.age;
}
