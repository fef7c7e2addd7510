import type { JobId } from '../../lib/core/contract/job-data';
import type { JobFate } from '../../lib/core/contract/ports/waiting';
import type { BrokenBackend } from './broken-backends';

/* Faults in what a backend tells of how jobs have ended. */

type Fates = Map<JobId, JobFate>;

function telling(
  fault: string,
  caughtBy: string,
  told: (fates: Fates, ids: readonly JobId[]) => void,
): BrokenBackend {
  return {
    fault,
    caughtBy,
    features: (sound) => ({
      waiting: {
        fates: async (ids) => {
          const fates = new Map(await sound.features.waiting!.fates(ids));
          told(fates, ids);
          return fates;
        },
      },
    }),
  };
}

function changing(fault: string, caughtBy: string, change: (fate: JobFate) => JobFate): BrokenBackend {
  return telling(fault, caughtBy, (fates) => {
    for (const [id, fate] of fates) fates.set(id, change(fate));
  });
}

export const brokenWaiting: readonly BrokenBackend[] = [
  telling('tells nothing of jobs that go on', 'a job that is ready, delayed or reserved is open', (fates) => {
    for (const [id, { fate }] of fates) if (fate === 'open') fates.delete(id);
  }),
  changing('forgets the result', 'a job that is kept is completed, with its result', (fate) =>
    fate.fate === 'completed' ? { fate: 'completed' } : fate,
  ),
  changing(
    'takes a buried job for one that goes on',
    'a buried job has its reason and its attempts, and is open again when it is kicked',
    (fate) => (fate.fate === 'buried' ? { fate: 'open' } : fate),
  ),
  telling(
    'takes every job for one that goes on',
    'a job that is gone without a trace has no fate, and neither has an id of nobody',
    (fates, ids) => {
      for (const id of ids) if (!fates.has(id)) fates.set(id, { fate: 'open' });
    },
  ),
  changing('forgets why a job was cancelled', 'a cancelled job has its reason', (fate) =>
    fate.fate === 'cancelled' ? { fate: 'cancelled' } : fate,
  ),
  telling('looks at a thousand jobs', 'one call tells of 3,000 jobs', (fates, ids) => {
    for (const id of ids.slice(1000)) fates.delete(id);
  }),
  telling(
    'looks first for the ended ones',
    'a job is never without a fate while it ends',
    (() => {
      let before: Fates = new Map();
      return (fates: Fates) => {
        const now = new Map(fates);
        for (const [id, { fate }] of now)
          if (fate === 'completed' && before.get(id)?.fate === 'open') fates.delete(id);
        before = now;
      };
    })(),
  ),
];
