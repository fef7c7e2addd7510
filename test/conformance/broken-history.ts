import type { QueueBackend } from '../../lib/core/contract/backend';
import { feature } from '../../lib/core/contract/features';
import type { JobSnapshot, Leased } from '../../lib/core/contract/job-data';
import type { Settlement } from '../../lib/core/contract/leases';
import type { EndedJob, History, Keep } from '../../lib/core/contract/ports/history';
import { type BrokenBackend, overriding } from './broken-backends';

/* Faults in what a backend keeps of jobs and of their attempts. */

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const copy: Omit<T, K> & { [Key in K]?: T[Key] } = { ...value };
  delete copy[key];
  return copy;
}

/** One whose port answers in its own way. */
function answering(
  fault: string,
  caughtBy: string,
  other: (sound: History, backend: QueueBackend) => Partial<History>,
): BrokenBackend {
  return {
    fault,
    caughtBy,
    features: (sound) => {
      const history = feature(sound, 'history');
      return { history: overriding(history, other(history, sound)) };
    },
  };
}

/** One that settles something else than what it is told. */
function settling(fault: string, caughtBy: string, other: (end: Settlement) => Settlement): BrokenBackend {
  return {
    fault,
    caughtBy,
    leases: (sound) => ({ settle: (ends, next) => sound.settle(ends.map(other), next) }),
  };
}

/** One that keeps in another way than it is told. */
function keeping(fault: string, caughtBy: string, other: (keep: Keep) => Keep | undefined): BrokenBackend {
  return settling(fault, caughtBy, (end) => {
    if (end.outcome !== 'delete' || !end.keep) return end;
    const keep = other(end.keep);
    return keep ? { ...end, keep } : without(end, 'keep');
  });
}

/** One whose snapshots show something else. */
function showing(
  fault: string,
  caughtBy: string,
  other: (job: JobSnapshot, backend: QueueBackend) => JobSnapshot,
): BrokenBackend {
  return {
    fault,
    caughtBy,
    inspect: (sound) => ({
      find: async (id) => {
        const job = await sound.inspect.find(id);
        return job && other(job, sound);
      },
    }),
  };
}

function withoutFailures(job: JobSnapshot): JobSnapshot {
  return without(job, 'failures');
}

const FAILED = 'why each attempt failed is told while the job is tried, buried and kept';
const PAGES = 'they are listed from the newest on, page by page and by how they ended';
const COUNTED = 'they are counted up to a limit, and their pipelines are known';
const CLEARED = 'all of a pipeline can be removed, and those of others stay';
const LEFT = 'a job that is kept is found when it has left its pipeline';

export const brokenHistory: readonly BrokenBackend[] = [
  keeping('deletes a job that is to be kept', LEFT, () => undefined),
  keeping('keeps no results', LEFT, (keep) => without(keep, 'result')),
  keeping('does not know how long a run took', LEFT, (keep) => without(keep, 'ran')),
  answering('forgets the headers of what is kept', LEFT, (sound) => ({
    find: async (id) => {
      const job = await sound.find(id);
      return job && without(job, 'headers');
    },
  })),
  settling('keeps every job', 'nothing is kept of a job that ends without', (end) =>
    end.outcome === 'delete' && !end.keep ? { ...end, keep: { for: Infinity } } : end,
  ),
  {
    fault: 'keeps only the first job of a call',
    caughtBy: 'jobs that are kept end in one call with others, and the next ones come',
    leases: (sound) => ({
      settle: (ends, next) =>
        sound.settle(
          ends.map((end, index) => (index === 0 ? end : { ...end, keep: undefined })) as Settlement[],
          next,
        ),
    }),
  },
  {
    fault: 'keeps what it does not hold',
    caughtBy: 'a job that is no longer held is lost and not kept',
    ...lateKeeper(),
  },
  keeping('cuts long results', 'long results of several jobs are kept as they are', (keep) =>
    keep.result === undefined ? keep : { ...keep, result: keep.result.slice(0, 65_535) },
  ),
  answering('lists the oldest first', PAGES, (sound) => ({
    list: async (pipeline, page) => (await sound.list(pipeline, page)).reverse(),
  })),
  answering('begins each page anew', PAGES, (sound) => ({
    list: (pipeline, page) => sound.list(pipeline, without(page, 'after')),
  })),
  answering('lists all, however they ended', PAGES, (sound) => ({
    list: (pipeline, page) => sound.list(pipeline, without(page, 'state')),
  })),
  answering('passes over none', 'a page of them begins where it is asked to', (sound) => ({
    list: (pipeline, page) => sound.list(pipeline, without(page, 'offset')),
  })),
  answering('counts all to the end', COUNTED, (sound) => ({
    count: (pipelines) => sound.count(pipelines, 1000),
  })),
  answering('counts in an order of its own', COUNTED, (sound) => ({
    count: async (pipelines, limit) => (await sound.count(pipelines, limit)).reverse(),
  })),
  answering('does not know whose jobs it keeps', COUNTED, () => ({ pipelines: async () => [] })),
  answering('removes one in place of all', CLEARED, (sound) => ({
    clear: async (pipeline) => {
      const [job] = await sound.list(pipeline, { limit: 1 });
      return job && (await sound.remove(job.id)) ? 1 : 0;
    },
  })),
  answering('removes those of other pipelines, too', CLEARED, (sound) => ({
    clear: async (pipeline) => {
      const cleared = await sound.clear(pipeline);
      for (const other of await sound.pipelines()) await sound.clear(other);
      return cleared;
    },
  })),
  answering(
    'finds only the first of several',
    'several are found at once, unknown ones left out',
    (sound) => ({
      several: async (ids) => (await sound.several(ids)).slice(0, 1),
    }),
  ),
  answering('removes nothing', 'a kept job can be removed', (sound) => ({
    remove: async (id) => (await sound.find(id)) !== undefined,
  })),
  keeping('keeps for ever', 'a job that is kept for a time goes when that is over', (keep) => ({
    ...keep,
    for: Infinity,
  })),
  keeping('does not count', 'of the jobs that are kept by one number those stay that ended last', (keep) =>
    without(keep, 'most'),
  ),
  answering(
    'forgets why a job was called off',
    'a job that is called off is kept, with the reason and what has failed before',
    (sound) => ({
      find: async (id) => {
        const job = await sound.find(id);
        return job && without(job, 'error');
      },
    }),
  ),
  answering(
    'keeps what was called off as it likes',
    'jobs that are called off are kept as their pipeline says, or they themselves',
    () => ({ keepCancelled: () => Promise.resolve() }),
  ),
  answering(
    'leaves buried jobs for ever',
    'buried jobs go when they have been buried too long, or are too many',
    () => ({ limitBuried: () => undefined }),
  ),
  showing('shows no failures', FAILED, withoutFailures),
  settling('takes a planned release for a failure', FAILED, (end) =>
    end.outcome === 'release' ? without(end, 'planned') : end,
  ),
  answering('forgets the failures of what is kept', FAILED, (sound) => ({
    find: async (id) => {
      const job = await sound.find(id);
      return job && ({ ...job, failures: [] } satisfies EndedJob);
    },
  })),
  settling('takes every release for a failure', 'a release without a reason is no failure', (end) =>
    end.outcome === 'release' ? { reason: 'released', ...end } : end,
  ),
  {
    fault: 'gives one reason to all that end in a call',
    caughtBy: 'attempts of several jobs that end in one call are told apart',
    leases: (sound) => ({
      settle: (ends, next) => {
        const reason = ends.map((end) => ('reason' in end ? end.reason : undefined)).find(Boolean);
        return sound.settle(
          ends.map((end) => (end.outcome === 'delete' || !reason ? end : { ...end, reason })),
          next,
        );
      },
    }),
  },
  showing('remembers the last one alone', 'the last 20 are remembered, each up to 2 KiB', (job) =>
    job.failures ? { ...job, failures: job.failures.slice(-1) } : job,
  ),
  {
    fault: 'remembers failures from before a new start',
    caughtBy: 'a job that begins anew has none',
    editing: (sound, backend) => ({
      restartJob: (id) => (sound ? backend.admin.kickJob(id) : Promise.resolve(false)),
    }),
  },
];

function lateKeeper(): Pick<BrokenBackend, 'leases' | 'features'> {
  const late = new Map<string, Leased>();
  return {
    leases: (sound) => ({
      settle: async (ends, next) => {
        const settled = await sound.settle(ends, next);
        for (const job of settled.lost) late.set(job.id, job);
        return settled;
      },
    }),
    features: (backend) => {
      const history = feature(backend, 'history');
      const kept = (job: Leased): EndedJob => ({
        id: job.id,
        pipeline: job.pipeline,
        state: 'completed',
        payload: job.payload,
        priority: job.priority,
        attempts: job.attempt,
        failures: [],
        endedAt: new Date(),
      });
      return {
        history: overriding(history, {
          find: async (id) => {
            const job = late.get(id);
            return job ? kept(job) : history.find(id);
          },
        }),
      };
    },
  };
}
