import type { QueueBackend } from '../../lib/core/contract/backend';
import type { JobId, NewJob } from '../../lib/core/contract/job-data';

/** Puts the jobs and returns their ids. */
export async function put(
  backend: QueueBackend,
  pipeline: string,
  jobs: readonly NewJob[],
): Promise<JobId[]> {
  return (await backend.put(pipeline, jobs)).map(({ id }) => id);
}
