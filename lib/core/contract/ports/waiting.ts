import type { JobId } from '../job-data';

/** How a job stands for whoever waits for its end. */
export type JobFate =
  | { readonly fate: 'open' }
  /** Its handler resolved; the result is stored text, absent when there was none. */
  | { readonly fate: 'completed'; readonly result?: string; readonly error?: string }
  | { readonly fate: 'cancelled'; readonly reason?: string }
  | { readonly fate: 'buried'; readonly reason?: string; readonly attempts: number };

/** Tells how jobs stand, many at once (SQL and memory, which keep jobs that have ended). */
export interface Waiting {
  /** Those of the jobs that are there or kept. A job that ends meanwhile is either open or has its end. */
  fates(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, JobFate>>;
}
