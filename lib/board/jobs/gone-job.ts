import type { JobId } from '../../core/contract/job-data';
import { Refusal } from '../refusal';
import type { ShownJob } from './shown-job';

/** A job that was added and is gone already: a worker was faster than the answer, and it was not kept. */
export function goneJob(id: JobId, pipeline: string): ShownJob {
  const gone = () => Promise.reject(new Refusal(404, `The job ${id} is done and was not kept.`));
  return {
    id,
    opts: {},
    promote: gone,
    remove: gone,
    retry: gone,
    getState: async () => 'completed',
    toJSON: () => ({
      id,
      name: pipeline,
      data: null,
      opts: {},
      timestamp: Date.now(),
      attemptsMade: 1,
      failedReason: '',
      stacktrace: null,
      progress: 0,
      returnvalue: null,
    }),
  };
}
