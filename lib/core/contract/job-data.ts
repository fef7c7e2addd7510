import type { FailedAttempt } from './failed-attempt';

/** A length of time in seconds, an integer or a fraction. beanstalkd counts whole seconds and rounds up. */
export type Seconds = number;

/** Opaque: a backend's own number or key as text, so that 64-bit ids survive JavaScript. */
export type JobId = string;

/**
 * `delayed` becomes `ready` when its time has come; `ready` waits for a worker; `reserved` is held by one
 * for at most the job's ttr; `buried` is set aside until it is kicked or deleted.
 */
export type JobState = 'ready' | 'delayed' | 'reserved' | 'buried';

/** The states in which no worker holds the job: anyone may look at it and clear it. */
export type RestingState = Exclude<JobState, 'reserved'>;

/** A job as a producer hands it to a backend, complete and checked. */
export interface NewJob {
  /** Text as it is stored, without an envelope, so that any language can read it. */
  readonly payload: string;
  /** 0 (most urgent) … 4294967295. */
  readonly priority: number;
  /** Time until the job is ready; 0 is ready at once. */
  readonly delay: Seconds;
  /** Time to run: how long one reservation lasts without a sign of life, at least 1. */
  readonly ttr: Seconds;
  /** The job's own `attempts`, `backoff` and `keep` as JSON text, where it has any. */
  readonly retry?: string;
  /** What is known of the job beside its payload, as the JSON text of an object; kept through retries and kicks. */
  readonly headers?: string;
  /** There is one such job at a time. */
  readonly unique?: UniqueKey;
}

/**
 * A key that at most one job of the pipeline holds. A job holds it while it waits and, with `until: 'done'`, while it
 * runs: until it is deleted or buried. A buried job that is kicked holds it again, unless another one has taken it.
 */
export interface UniqueKey {
  /** 1 to 255 characters; `isUniqueKey` has the rule. */
  readonly key: string;
  /**
   * What a job of that key that waits already means: it stays as it is; or it becomes the new one, keeping its id; or
   * it does that and waits anew for the delay, but not beyond `maxWait`. When the holder runs, the last two store the
   * new job as its successor.
   */
  readonly onConflict: 'keep' | 'replace' | 'debounce';
  /** Whether a job that was started, and runs or waits for its next attempt, still counts. */
  readonly until: 'done' | 'start';
  /** Of `debounce`: the most that a job waits since it was added; not less than its delay. */
  readonly maxWait?: Seconds;
  /** Of `keep`: for that long after it was stored no other job of that key is, even when it is done. */
  readonly for?: Seconds;
}

/** What is to be changed of a stored job; what is absent stays as it is. */
export interface JobChange {
  readonly payload?: string;
  readonly priority?: number;
  /** From now on; 0 is ready at once. */
  readonly delay?: Seconds;
}

/** How a job is set aside. Without a priority it keeps its own. */
export interface Burial {
  readonly reason?: string;
  readonly priority?: number;
}

/** What became of one job that was put. */
export interface PutResult {
  readonly id: JobId;
  /** A job with the same unique key was there: `id` is that job's, and no other one was stored. */
  readonly existed: boolean;
}

/** What every backend knows of a job it keeps. */
export interface StoredJob {
  readonly id: JobId;
  readonly pipeline: string;
  readonly payload: string;
  readonly priority: number;
  readonly ttr: Seconds;
  /** Reservations that ran out because their holder died or hung. They cost no attempt. */
  readonly timeouts: number;
  /** How often the job was kicked. */
  readonly kicks: number;
  /** When the job was added, by the backend's clock, as exactly as it tells. */
  readonly addedAt?: Date;
  readonly retry?: string;
  readonly headers?: string;
  /** The stored bytes are not UTF-8, so `payload` is not what was stored and must not be decoded. */
  readonly garbled?: true;
}

/** A job that a worker holds. The object itself stands for the lease: settle with the very same one. */
export interface Leased extends StoredJob {
  /** One start of a handler, counted from 1; a lease that was given back or ran out does not count. */
  readonly attempt: number;
}

/** A job as a reader finds it. Reading changes nothing. */
export interface JobSnapshot extends StoredJob {
  readonly state: JobState;
  /** Starts of a handler that came to an end. */
  readonly attempts: number;
  /** Time until a delayed job is ready, or until a reservation runs out; 0 in the other states. */
  readonly delay: Seconds;
  /** The unique key that the job was added with, as long as no other job has taken it. */
  readonly unique?: string;
  /** Why the job was buried, where the backend keeps reasons. */
  readonly reason?: string;
  /** When a buried job was buried, by the backend's clock, where the backend keeps that. */
  readonly buriedAt?: Date;
  /** The attempts that failed, the oldest first, up to 20; absent when none has, or the backend remembers none. */
  readonly failures?: readonly FailedAttempt[];
}

/** Jobs of one pipeline by state. A reservation whose time has run out counts as ready. */
export interface PipelineStats {
  readonly ready: number;
  readonly delayed: number;
  readonly reserved: number;
  readonly buried: number;
  /** Time for which the pipeline gives no jobs to anyone; 0 when it is not paused, `Infinity` until it is resumed. */
  readonly pausedFor: Seconds;
}
