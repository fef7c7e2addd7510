import type { JobId } from '../../../core/contract/job-data';
import type { EndedJob } from '../../../core/contract/ports/history';
import type { JobFate, Waiting } from '../../../core/contract/ports/waiting';
import type { MemoryStore } from '../memory-store';

export class MemoryWaiting implements Waiting {
  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  async fates(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, JobFate>> {
    const store = this.store();
    const fates = new Map<JobId, JobFate>();
    for (const ended of store.kept.several(ids)) fates.set(ended.id, endOf(ended));
    for (const id of ids) {
      const job = store.find(id);
      if (job?.state === 'buried') {
        const why = job.reason === undefined ? {} : { reason: job.reason };
        fates.set(id, { fate: 'buried', attempts: job.attempts, ...why });
      } else if (job) fates.set(id, { fate: 'open' });
    }
    await store.breathe();
    return fates;
  }
}

function endOf({ state, result, error }: EndedJob): JobFate {
  if (state === 'cancelled') return { fate: 'cancelled', ...(error !== undefined && { reason: error }) };
  return {
    fate: 'completed',
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
  };
}
