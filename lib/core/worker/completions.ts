import type { JobCancelledError } from '../contract/errors';
import type { Leased } from '../contract/job-data';
import type { Settlement } from '../contract/leases';
import type { Intake } from './intake';
import type { Run } from './run/job-runner';
import type { RunningJob } from './run/running-job';

/** A job whose handler has ended. */
export interface FinishedJob extends Run {
  readonly running: RunningJob;
}

/** For so many macrotasks in a row, of about a millisecond each. */
const MOST_WAITS = 2;

/** Ended jobs until they are settled. */
export class Completions {
  private finished: FinishedJob[] = [];
  private readonly settling = new Set<readonly FinishedJob[]>();
  private waits = 0;

  get size(): number {
    return this.finished.length;
  }

  /**
   * Whether they wait for others, because handlers go on to start in the next macrotask and more jobs are held than have
   * ended: an exchange of few jobs costs nearly as much as one of many. To be asked once in a macrotask.
   */
  areFewSoFar({ startsUsedUp, waiting }: Pick<Intake, 'startsUsedUp' | 'waiting'>): boolean {
    const few = this.size > 0 && this.size < waiting && startsUsedUp;
    this.waits = few && this.waits < MOST_WAITS ? this.waits + 1 : 0;
    return this.waits > 0;
  }

  add(job: FinishedJob): void {
    this.finished.push(job);
  }

  /**
   * Takes the jobs of each settlement that is to begin now, and is under way until they are `answered`: all of them when
   * none is, and none when one is; but from `enough` on they are worth a second one at the same time.
   */
  *due(enough: number): Generator<readonly FinishedJob[]> {
    if (this.settlements === 0 && this.size > 0)
      yield this.take(this.size >= 2 * enough ? enough : this.size);
    if (this.settlements === 1 && this.size >= enough) yield this.take(this.size);
  }

  private take(most: number): readonly FinishedJob[] {
    const taken = this.finished.splice(0, most);
    this.settling.add(taken);
    return taken;
  }

  answered(taken: readonly FinishedJob[]): void {
    this.settling.delete(taken);
  }

  /** How many settlements are under way. */
  get settlements(): number {
    return this.settling.size;
  }

  /** Whether anything is not settled. */
  get any(): boolean {
    return this.size > 0 || this.settlements > 0;
  }

  /** Whether that job's end is not settled. */
  has(running: RunningJob): boolean {
    return this.all.some((ended) => ended.running === running);
  }

  /** Those of whose end nobody has been told. */
  untold(): FinishedJob[] {
    return this.all.filter(({ running }) => !running.told);
  }

  /** Somebody has called off a job that has ended meanwhile: its settlement will find it lost. */
  cancelled(job: Leased, error: JobCancelledError): void {
    const ended = this.all.find(({ running }) => running.reserved === job);
    if (ended) ended.running.cancelled = error;
  }

  private get all(): FinishedJob[] {
    return [...Array.from(this.settling).flat(), ...this.finished];
  }

  /** After a settlement that was not answered: its jobs come first in the next one. */
  putBack(finished: readonly FinishedJob[]): void {
    this.finished = [...finished, ...this.finished];
  }
}

export function settlementOf({ running, outcome }: FinishedJob): Settlement {
  return { job: running.reserved, ...outcome };
}

const LONGEST_PLAIN = 10_000;

/**
 * The same end in forms that ever more servers take, for one that was refused: the reason in plain letters, then
 * none at all; a job that is kept without its result, then not kept.
 */
export function plainerSettlements({ running, outcome }: FinishedJob): Settlement[] {
  const { reserved: job } = running;
  if (outcome.outcome === 'delete' && outcome.keep) {
    const { result, ...keep } = outcome.keep;
    const error = keep.error ?? (result === undefined ? undefined : 'The backend does not take the result.');
    return [
      { job, outcome: 'delete', keep: { ...keep, ...(error !== undefined && { error }) } },
      { job, outcome: 'delete' },
    ];
  }
  if (outcome.outcome !== 'bury') return [{ job, ...outcome }];
  const { reason, ...rest } = outcome;

  const plain = reason.slice(0, LONGEST_PLAIN).replace(/[^\x20-\x7e\n]/g, '?');
  return [
    { job, ...rest, reason: plain },
    { job, ...rest },
  ];
}
