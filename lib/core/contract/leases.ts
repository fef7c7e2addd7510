import type { Leased, Seconds } from './job-data';
import type { Keep } from './ports/history';
import type { JournalEntry } from './ports/journal';

/**
 * The leases of one worker. Any number of calls may be under way at once; a `reserve` that waits holds up no other.
 *
 * A backend remembers which jobs it has handed out here: a job that it does not hold, or that was leased again
 * since, is lost.
 */
export interface Leases {
  /**
   * Whether `giveBack` makes single jobs ready again at once. Where it does not, a worker leases no more jobs than it
   * starts.
   */
  readonly returns: boolean;
  /** Whether a planned release counts no attempt. beanstalkd counts every release. */
  readonly plans: boolean;
  /** From so many ended jobs on, two settlements at once are done sooner than one of both. Default: never. */
  readonly abreastFrom?: number;
  /** Absent where the system cannot keep such notes: there the number of lost leases alone says which job kills. */
  readonly loneRuns?: LoneRuns;
  /**
   * Takes up to `limit` jobs, most urgent first, equal priorities oldest first. Returns at once what is ready; waits
   * up to `wait` for a job only when nothing is. Aborting the signal ends the wait soon, and loses no job.
   *
   * Calls `looking` before each look: the leases that it returns began after the last call.
   */
  reserve(limit: number, wait: Seconds, signal: AbortSignal, looking?: () => void): Promise<Leased[]>;
  /**
   * Ends leases and takes up to `next` further jobs, in one round trip where the system can. Never waits for a job.
   *
   * It rejects only when nothing is known of the ends: none, some or all of them may have happened. Naming the same
   * ends again is safe. `BackendRefusedError` says that the system does not take one of them.
   */
  settle(ends: readonly Settlement[], next: number): Promise<Settled>;
  /** Restarts the full ttr of each job. Returns the jobs that were already lost; `[]` is the good case. */
  renew(jobs: readonly Leased[]): Promise<Leased[]>;
  /**
   * Writes down what jobs say, all entries or none, while their leases hold; one entry a job. Returns the jobs that were
   * already lost, of which nothing is written. Absent where there is no `features.journal`.
   */
  note?(entries: readonly JournalEntry[]): Promise<Leased[]>;
  /**
   * Makes the jobs ready again without counting an attempt; those that were lost are left alone. Never rejects: what
   * the system does not take now is a debt, paid with its next answer, or by `close`. Resolves when nothing is owed any
   * more. Await it only where that matters: a process that dies before takes the leases of these jobs with it.
   */
  giveBack(jobs: readonly Leased[]): Promise<void>;
  /** Gives back everything that is still held, without counting an attempt. Does nothing the second time. */
  close(): Promise<void>;
}

/**
 * Notes of jobs that run alone in their process, beside the job itself. That such a run was lost is the evidence that
 * a job kills its process: whatever else is lost may have been beside a job that does.
 */
export interface LoneRuns {
  /**
   * Notes that the job starts, and restarts its ttr. While the note stands the lease lasts 20 s longer than its ttr,
   * so that a network that is away for a statement's deadline is not taken for the end of the process. Every end of
   * the lease takes the note away, but for one by time. Resolves with false when the job was lost before.
   */
  begin(job: Leased): Promise<boolean>;
  /** Whether the job was lost in such a run before this lease, or the transactions of two in a row have failed. */
  lost(job: Leased): Promise<boolean>;
}

/**
 * Called with leases that have ended by themselves, as far as that is known: because their connection broke, or, with a
 * `JobCancelledError`, because their job was called off.
 */
export type LostListener = (jobs: readonly Leased[], cause: Error) => void;

/**
 * How the lease of one job ends. Release and bury end an attempt, but for a planned release where `Leases.plans`;
 * without a priority the job keeps its own.
 */
export type Settlement = { readonly job: Leased } & (
  | {
      readonly outcome: 'delete';
      /** The job is kept. Only for backends with `features.history`; others ignore it. */
      readonly keep?: Keep;
    }
  | {
      readonly outcome: 'release';
      readonly delay: Seconds;
      readonly priority?: number;
      /** The handler asked for it: nothing has failed. */
      readonly planned?: true;
      /** Why the attempt has failed; remembered where the backend has `features.history`. */
      readonly reason?: string;
      /** How long the run took. */
      readonly ran?: Seconds;
    }
  | {
      readonly outcome: 'bury';
      readonly reason?: string;
      readonly priority?: number;
      /** How long the run took. */
      readonly ran?: Seconds;
    }
);

export interface Settled {
  /** The jobs that were no longer ours; nothing was changed for them. */
  readonly lost: Leased[];
  /** Most urgent first, equal priorities oldest first. */
  readonly next: Leased[];
}
