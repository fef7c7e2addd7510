import { type BackendUnavailableError, UnsupportedByBackendError } from './errors';
import type { Burial, JobChange, JobId, JobSnapshot, JobState, Leased, NewJob, PutResult } from './job-data';
import type { Leases, LostListener } from './leases';
import type { Cancelling } from './ports/cancelling';
import type { Counting } from './ports/counting';
import type { Events } from './ports/events';
import type { History, Keep } from './ports/history';
import type { Journal } from './ports/journal';
import type { Registry } from './ports/registry';
import type { Schedules, ScheduleTransactions } from './ports/schedules';
import type { Waiting } from './ports/waiting';

/*
 * What a backend may be able to do beyond the contract. An ability is a port, an object under `features`; a backend
 * without the ability has no such object. Code that needs a port asks for it with `feature()`. A new ability is a new
 * port, its line in ABILITIES and a theme in the conformance suite, which runs on backends that have the port.
 */

export interface Features {
  readonly transactions?: CallerTransactions;
  readonly handlerTransactions?: HandlerTransactions;
  readonly listing?: Listing;
  readonly editing?: Editing;
  readonly schedules?: Schedules;
  readonly scheduleTransactions?: ScheduleTransactions;
  readonly uniqueKeys?: UniqueKeys;
  readonly headers?: Headers;
  readonly registry?: Registry;
  readonly counting?: Counting;
  readonly journal?: Journal;
  readonly cancelling?: Cancelling;
  readonly history?: History;
  readonly events?: Events;
  readonly waiting?: Waiting;
}

/** Puts jobs as a part of the caller's own transaction (SQL). */
export interface CallerTransactions {
  /**
   * The jobs exist if and when the transaction commits, and workers are woken then. What a transaction is, the
   * backend says (SQL: what its library hands out for one); another thing, one that is not under way and one of another
   * database reject with `InvalidJobOptionError`, as far as it can be told. Where the library does not tell of the commit,
   * workers may take a second to find the jobs.
   */
  put(transaction: unknown, pipeline: string, jobs: readonly NewJob[]): Promise<readonly PutResult[]>;
}

/** Deletes a job as a part of the transaction in which its handler writes (SQL, with the application's transactions at hand). */
export interface HandlerTransactions {
  /** As `QueueBackend.lease`. Only the jobs of these leases can be deleted so. */
  lease(pipelines: readonly string[], onLost?: LostListener): Promise<TransactingLeases>;
}

export interface TransactingLeases extends Leases {
  /**
   * Begins a transaction and hands it to `work`; when that resolves, deletes the job in it, and keeps it where it
   * resolves with how, and commits. When `work` rejects, rolls back and rejects with the same error; so it does when the database refuses to commit what `work`
   * did.
   */
  transact(job: Leased, work: (transaction: object) => Promise<Keep | void>): Promise<Transacted>;
}

/** What became of a job's transaction. */
export type Transacted =
  | { readonly outcome: 'committed' }
  /** The job was no longer ours: rolled back. */
  | { readonly outcome: 'lost' }
  /**
   * The backend has ended it, or its connection broke, and answers all the same: as after a failure, and the job is
   * ready again, with one lost reservation more. What meets such an end each time comes to one.
   */
  | { readonly outcome: 'undone'; readonly error: BackendUnavailableError }
  /** The backend could not begin or end it. It is rolled back, unless only the reply to the commit was lost. */
  | { readonly outcome: 'failed'; readonly error: BackendUnavailableError };

/** Lists jobs page by page, not only the first one (SQL and memory; beanstalkd cannot). */
export interface Listing {
  /** The jobs of that state in the order in which they leave it. */
  list(pipeline: string, state: JobState, page: Page): Promise<JobSnapshot[]>;
}

/** Takes jobs with a unique key, and finds them by it (SQL and memory; beanstalkd cannot). */
export interface UniqueKeys {
  /**
   * The job that was added with that key last, as long as it is there and no other one has taken the key: it waits, runs
   * or is buried.
   */
  find(pipeline: string, key: string): Promise<JobId | undefined>;
}

/** Keeps what is known of a job beside its payload (SQL and memory; beanstalkd cannot). */
export interface Headers {
  /** How long the headers of a job, or of a schedule, may be in bytes of UTF-8; at least 16384. */
  readonly mostBytes: number;
}

/** A page of a list, counted from 0. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** Changes jobs that no worker holds (SQL and memory; beanstalkd keeps them as they were put). */
export interface Editing {
  /**
   * Changes a ready, delayed or buried job, all properties at once. Returns false, and changes nothing, when the job does
   * not exist, is reserved, or is buried and a delay is given: only a kick makes it ready. A job that becomes ready
   * wakes the workers that wait for it.
   */
  change(id: JobId, change: JobChange): Promise<boolean>;
  /** Buries a job that no worker holds, without counting an attempt; false when it does not exist or is reserved. */
  bury(id: JobId, burial: Burial): Promise<boolean>;
  /**
   * As `Admin.kick`, and the jobs start again from nothing: without attempts, lost reservations and kicks, so that a job
   * that was buried for killing its workers may lose as many of them as a new one.
   */
  restart(pipeline: string, limit: number): Promise<number>;
  /** As `Admin.kickJob`, in the same way. */
  restartJob(id: JobId): Promise<boolean>;
}

interface Ability {
  /** Completes "the backend cannot …". */
  readonly what: string;
  readonly instead: string;
}

const ABILITIES: Readonly<Record<keyof Features, Ability>> = {
  transactions: {
    what: 'add a job within a transaction',
    instead:
      'add it after the commit, with the option afterCommit instead of transaction, or outside of any with transaction: null',
  },
  handlerTransactions: {
    what: 'delete a job in its handler’s transaction',
    instead:
      'give the queue the application’s DataSource, typeOrmBackend(), or what runs its transactions, sqlBackend(url, { transaction: (work) => prisma.$transaction(work) }), or leave the option transaction out',
  },
  listing: { what: 'list jobs', instead: 'it shows the first ready, delayed or buried one' },
  editing: {
    what: 'change or bury a job that nobody holds, or reset its attempts',
    instead: 'delete the job and add it again',
  },
  schedules: {
    what: 'keep schedules',
    instead:
      'keep them in a SQL queue beside it, whose handler adds the jobs here (docs/schedules.md shows how)',
  },
  scheduleTransactions: {
    what: 'change a schedule within a transaction',
    instead: 'change it after the commit, or outside of any with transaction: null',
  },
  counting: {
    what: 'count many pipelines at once, up to a limit',
    instead: 'ask for the stats of one after the other',
  },
  uniqueKeys: {
    what: 'keep unique keys',
    instead:
      'add the job to a queue on SQL beside it, whose handler adds it here (docs/unique-jobs.md shows how)',
  },
  headers: {
    what: 'keep headers with a job',
    instead: 'put what they say into the payload, and leave out the module’s option context',
  },
  registry: {
    what: 'list the processes that run workers',
    instead: 'ask whatever starts them; the server counts its connections (`stats`)',
  },
  journal: {
    what: 'keep what jobs say of their progress',
    instead: 'keep it in a table of the application’s, or take a queue on SQL',
  },
  cancelling: {
    what: 'cancel a job that runs elsewhere',
    instead: 'delete it while it waits (deleteJob), or let its handler look whether it is still wanted',
  },
  history: {
    what: 'keep jobs that have ended',
    instead: 'let the handler write its result into a database, or add a job with it to a queue on SQL',
  },
  events: {
    what: 'tell of the ends of jobs across processes',
    instead: 'let the handler tell, or @OnJob in the process that runs it',
  },
  waiting: {
    what: 'tell how a job has ended',
    instead: 'let the handler write its result into a database, or take a queue on SQL',
  },
};

/** The names of all abilities that a backend may have. */
export const featureNames = Object.keys(ABILITIES) as readonly (keyof Features)[];

/** What a backend with that ability does, to complete "the backend can …". */
export function abilityOf(name: keyof Features): string {
  return ABILITIES[name].what;
}

/**
 * The backend's port for that ability.
 *
 * @throws {UnsupportedByBackendError} when the backend does not have it
 * @example
 * const jobs = await feature(backend, 'listing').list('mail', 'buried', { offset: 0, limit: 20 });
 */
export function feature<N extends keyof Features>(
  backend: { readonly name: string; readonly features: Features },
  name: N,
): NonNullable<Features[N]> {
  const port = backend.features[name];
  if (port) return port;
  throw unsupported(backend.name, name);
}

/** The error of a backend that does not have that ability. */
export function unsupported(backend: string, name: keyof Features): UnsupportedByBackendError {
  const { what, instead } = ABILITIES[name];
  return new UnsupportedByBackendError(backend, what, instead);
}
