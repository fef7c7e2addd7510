import type { QueueBackend } from '../contract/backend';
import type { Leased, PutResult } from '../contract/job-data';
import type { Settled, Settlement } from '../contract/leases';

/*
 * What traces and measures a queue from outside, as `nestjs-simple-job-queue/opentelemetry` does. A queue without one is
 * not touched by any of it: the telemetry is put around the backend and around the runs of jobs.
 */

export interface Telemetry {
  /** Called when the queue has connected; what it returns, when the queue closes. */
  observe(queue: ObservedQueue): () => void;
  /** Around an add. What `put` is given goes with the jobs as their header `trace`, where the backend keeps headers. */
  send(
    adding: Adding,
    put: (trace: object | undefined) => Promise<readonly PutResult[]>,
  ): Promise<readonly PutResult[]>;
  /** What goes with the jobs of a schedule that is set now. */
  carried(): object | undefined;
  /** Around one run of a job. */
  process<R extends Processed>(job: Leased, backend: string, work: () => Promise<R>): Promise<R>;
  /** Around the call that ends these leases. */
  settle(ends: readonly Settlement[], backend: string, work: () => Promise<Settled>): Promise<Settled>;
  /** Runs a listener where the job's run was. */
  within(job: Leased, work: () => unknown): unknown;
}

export interface ObservedQueue {
  readonly name: string;
  readonly backend: QueueBackend;
}

export interface Adding {
  readonly pipeline: string;
  readonly count: number;
  /** The backend's name. */
  readonly backend: string;
}

/** What a run has come to. */
export interface Processed {
  readonly outcome: { readonly outcome: 'delete' | 'release' | 'bury'; readonly planned?: true };
  readonly error?: unknown;
}

/** The header under which a trace goes with a job. */
export const TRACE = 'trace';
