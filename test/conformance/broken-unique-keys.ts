import type { QueueBackend } from '../../lib/core/contract/backend';
import type { JobId, JobSnapshot, NewJob, PutResult, UniqueKey } from '../../lib/core/contract/job-data';
import type { BrokenBackend } from './broken-backends';

/* Faults in what a backend makes of unique keys. */

type Put = (sound: QueueBackend, pipeline: string, job: NewJob, unique: UniqueKey) => Promise<PutResult>;

function withoutKey({ unique: _unique, ...job }: NewJob): NewJob {
  return job;
}

async function put(sound: QueueBackend, pipeline: string, job: NewJob): Promise<PutResult> {
  return (await sound.put(pipeline, [job]))[0]!;
}

/** One that puts each job with a key in its own way. */
function putting(fault: string, caughtBy: string, one: Put): BrokenBackend {
  return {
    fault,
    caughtBy,
    backend: (sound) => ({
      put: async (pipeline, jobs) => {
        const results: PutResult[] = [];
        for (const job of jobs)
          results.push(
            await (job.unique ? one(sound, pipeline, job, job.unique) : put(sound, pipeline, job)),
          );
        return results;
      },
    }),
  };
}

/** One that puts all jobs of a call in its own way. */
function puttingAll(
  fault: string,
  caughtBy: string,
  all: (sound: QueueBackend, pipeline: string, jobs: readonly NewJob[]) => Promise<readonly PutResult[]>,
): BrokenBackend {
  return {
    fault,
    caughtBy,
    backend: (sound) => ({ put: (pipeline, jobs) => all(sound, pipeline, jobs) }),
  };
}

/** One that puts something else in the place of what a key says. */
function instead(
  fault: string,
  caughtBy: string,
  other: { readonly [Name in keyof UniqueKey]?: UniqueKey[Name] | undefined },
): BrokenBackend {
  return putting(fault, caughtBy, (sound, pipeline, job, unique) =>
    put(sound, pipeline, { ...job, unique: { ...unique, ...other } as UniqueKey }),
  );
}

/** One to whom jobs that are so hold a key, or do not, whatever is right. */
function mistaking(
  fault: string,
  caughtBy: string,
  isSo: (job: JobSnapshot, unique: UniqueKey) => boolean,
  holds: boolean,
): BrokenBackend {
  return putting(fault, caughtBy, async (sound, pipeline, job, unique) => {
    const last = await holderOf(sound, pipeline, unique);
    if (!last || !isSo(last, unique)) return put(sound, pipeline, job);
    return holds ? { id: last.id, existed: true } : put(sound, pipeline, withoutKey(job));
  });
}

async function holderOf(
  sound: QueueBackend,
  pipeline: string,
  { key }: UniqueKey,
): Promise<JobSnapshot | undefined> {
  const id = await sound.features.uniqueKeys?.find(pipeline, key);
  return id === undefined ? undefined : sound.inspect.find(id);
}

export const brokenUniqueKeys: readonly BrokenBackend[] = [
  putting(
    'knows of no keys',
    'a second job of a key is not stored, and its put returns the id of the first',
    (sound, pipeline, job) => put(sound, pipeline, withoutKey(job)),
  ),
  puttingAll(
    'looks for the key first, and stores then',
    'of many puts of one key at the same time one is stored, and all get its id',
    async (sound, pipeline, jobs) => {
      const [job] = jobs;
      const last = job?.unique && (await holderOf(sound, pipeline, job.unique));
      await new Promise((resolve) => setTimeout(resolve, 10));
      return last ? [{ id: last.id, existed: true }] : sound.put(pipeline, jobs.map(withoutKey));
    },
  ),
  mistaking(
    'lets a buried job keep its key',
    'burying frees the key: the next job takes it, and the buried one, kicked, runs without it',
    ({ state }) => state === 'buried',
    true,
  ),
  mistaking(
    'gives no key back to a job that is kicked',
    'a buried job that is kicked holds its key again when nobody has taken it',
    ({ kicks }) => kicks > 0,
    false,
  ),
  mistaking(
    'frees the key of a job whose reservation has run out',
    'a job whose reservation has run out holds its key until done, and not until start',
    ({ timeouts }) => timeouts > 0,
    false,
  ),
  mistaking(
    'takes a job that waits to be tried again for a new one',
    'until start: a job that was started does not hold the key while it waits to be tried again',
    ({ state }, { until }) => until === 'start' && state === 'delayed',
    true,
  ),
  mistaking(
    'drops what would replace a running job',
    'replace leaves a running job alone and adds its successor, which is replaced in its turn',
    ({ state }, { onConflict }) => onConflict === 'replace' && state === 'reserved',
    true,
  ),
  instead(
    'frees the key when the job starts',
    'a job holds its key while it is delayed, ready, reserved, and waits to be tried again',
    { until: 'start' },
  ),
  instead(
    'holds the key until the job is done, whatever was asked for',
    'until start: one job waits while one runs, and no third is stored',
    { until: 'done' },
  ),
  instead(
    'keeps what was to be replaced',
    'replace makes the job that waits the new one, which keeps its id',
    {
      onConflict: 'keep',
    },
  ),
  instead('debounces nothing', 'debounce waits for the delay anew with every put', { onConflict: 'keep' }),
  instead(
    'forgets how long a job may wait',
    'debounce waits no longer than maxWait since the job was added',
    {
      maxWait: undefined,
    },
  ),
  instead(
    'forgets a key with its job',
    'for: no other job is added within that time, though the first one is done, and then one is',
    { for: undefined },
  ),
  putting(
    'compares keys without case',
    'keys of another pipeline, case, accent or length are other keys',
    (sound, pipeline, job, unique) =>
      put(sound, pipeline, { ...job, unique: { ...unique, key: unique.key.toLowerCase() } }),
  ),
  putting(
    'replaces the payload alone',
    'a job that is replaced has all of its attempts before it',
    async (sound, pipeline, job, unique) => {
      const last = unique.onConflict === 'replace' && (await holderOf(sound, pipeline, unique));
      if (!last) return put(sound, pipeline, job);
      await sound.features.editing?.change(last.id, { payload: job.payload });
      return { id: last.id, existed: true };
    },
  ),
  putting(
    'is slow with a job that has a key',
    'a job with a key wakes a reserve that waits',
    (sound, pipeline, job) => put(sound, pipeline, { ...job, delay: job.delay + 3 }),
  ),
  putting(
    'keeps the delay of a job that is replaced',
    'a delayed job that is replaced by one without a delay wakes a reserve that waits',
    (sound, pipeline, job, { onConflict }) =>
      put(sound, pipeline, onConflict === 'replace' ? { ...job, delay: 60 } : job),
  ),
  puttingAll(
    'looks for all keys of a call before it stores the first job',
    'the same key several times in one call is one job',
    async (sound, pipeline, jobs) => {
      const last = await Promise.all(
        jobs.map(async ({ unique }) => unique && holderOf(sound, pipeline, unique)),
      );
      const results = await sound.put(pipeline, jobs.map(withoutKey));
      return results.map((result, index) => (last[index] ? { id: last[index].id, existed: true } : result));
    },
  ),
  puttingAll(
    'grants the first wish of a key alone',
    'one key with different wishes in one call: each is granted in its turn',
    async (sound, pipeline, jobs) => {
      const [first, ...others] = jobs;
      const stored = await put(sound, pipeline, first!);
      return [stored, ...others.map(() => ({ id: stored.id, existed: true }))];
    },
  ),
  puttingAll(
    'has room for a thousand keys of a call',
    'one call takes 1,200 jobs with keys, and a second one finds them all',
    (sound, pipeline, jobs) =>
      sound.put(
        pipeline,
        jobs.map((job, index) => (index < 1000 ? job : withoutKey(job))),
      ),
  ),
  {
    fault: 'keeps a key when its job is gone',
    caughtBy: 'a job that is removed frees its key',
    backend: (sound) => {
      const known = new Map<string, JobId>();
      return {
        put: async (pipeline, jobs) => {
          const [job] = jobs;
          const id = job?.unique && known.get(job.unique.key);
          if (id !== undefined) return [{ id, existed: true }];
          const results = await sound.put(pipeline, jobs);
          if (job?.unique && results[0]) known.set(job.unique.key, results[0].id);
          return results;
        },
      };
    },
  },
  {
    fault: 'takes a job for started that was given back',
    caughtBy: 'until start: a job that was given back unstarted holds its key',
    backend: (sound) => {
      const reserved = new Set<JobId>();
      return {
        lease: async (pipelines) => {
          const leases = await sound.lease(pipelines);
          const reserve = leases.reserve.bind(leases);
          return Object.assign(leases, {
            reserve: async (...request: Parameters<typeof reserve>) => {
              const jobs = await reserve(...request);
              for (const { id } of jobs) reserved.add(id);
              return jobs;
            },
          });
        },
        put: async (pipeline, jobs) => {
          const [job] = jobs;
          const last = job?.unique && (await holderOf(sound, pipeline, job.unique));
          return sound.put(pipeline, last && reserved.has(last.id) ? jobs.map(withoutKey) : jobs);
        },
      };
    },
  },
  {
    fault: 'shows no keys',
    caughtBy: 'a snapshot shows the key until another job has it',
    inspect: (sound) => ({
      find: async (id) => {
        const job = await sound.inspect.find(id);
        return job && { ...job, unique: undefined as never };
      },
    }),
  },
  {
    fault: 'does not find a job that is buried',
    caughtBy: 'find returns the job that has the key: waiting, running or buried, and none when it is gone',
    features: (sound) => ({
      uniqueKeys: {
        find: async (pipeline, key) => {
          const id = await sound.features.uniqueKeys?.find(pipeline, key);
          const job = id === undefined ? undefined : await sound.inspect.find(id);
          return job?.state === 'buried' ? undefined : id;
        },
      },
    }),
  },
];
