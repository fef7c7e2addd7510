/** What a process says of itself. */
export interface WorkerReport {
  readonly host: string;
  readonly pid: number;
  /** Of this library, where it is known. */
  readonly version?: string;
  /** On which it has workers, sorted. */
  readonly pipelines: readonly string[];
  /** The most handlers that it runs at once, of all pipelines together. */
  readonly concurrency: number;
  /** Handlers that run now. */
  readonly running: number;
}

/** A process that runs workers, as a reader finds it. */
export interface WorkerProcess extends WorkerReport {
  readonly id: string;
  /** When its workers began, by the backend's clock. */
  readonly startedAt: Date;
  /** When it was heard of last, by the backend's clock. */
  readonly seenAt: Date;
}

/** What a process hears of the others when it beats. */
export interface Heard {
  /**
   * Whether all others that live would know within 5 s that this process has died, and free what it held. Then its
   * workers may hold more than 100 jobs with quick handlers.
   */
  readonly provable: boolean;
}

/** The workers of one queue in one process, as the registry knows them. */
export interface Membership {
  /**
   * Says that the process lives. To be called every `BEAT` seconds; who is silent for `SILENCE` is on no list any more,
   * until the next beat. What it resolves with holds until the next beat; nothing says that nothing is known.
   */
  beat(report: WorkerReport): Promise<Heard | void>;
  /** Its workers have ended; what they hold stays as it is. Does nothing the second time. */
  leave(): Promise<void>;
}

/**
 * Which processes run workers (SQL and memory). A process that died is on no list `SILENCE` seconds later. Jobs are no
 * part of it, but for one thing: where the backend can prove that a process is gone, its leases end then, as if their
 * time had run out.
 */
export interface Registry {
  /** Is known from its first beat on. */
  join(): Membership;
  /** Those that live, the oldest first. */
  list(): Promise<WorkerProcess[]>;
}

/** In seconds. */
export const BEAT = 2.5;
/** In seconds: five beats may be lost. */
export const SILENCE = 15;
