import type { Admin, Inspector, QueueBackend } from '../../lib/core/contract/backend';
import type { Editing, Features } from '../../lib/core/contract/features';
import type { Leased } from '../../lib/core/contract/job-data';
import type { Leases } from '../../lib/core/contract/leases';
import type { Schedules } from '../../lib/core/contract/ports/schedules';
import { memoryBackend } from '../../lib/testing';

/** A fault that real backends had, put into the memory backend, and the case that must find it. */
export interface BrokenBackend {
  readonly fault: string;
  readonly caughtBy: string;
  readonly backend?: (sound: QueueBackend) => Partial<QueueBackend>;
  readonly inspect?: (sound: QueueBackend) => Partial<Inspector>;
  readonly admin?: (sound: QueueBackend) => Partial<Admin>;
  readonly features?: (sound: QueueBackend) => Features;
  readonly editing?: (sound: Editing, backend: QueueBackend) => Partial<Editing>;
  readonly schedules?: (sound: Schedules) => Partial<Schedules>;
  /** Called for the leases of each worker, with the backend that they share. */
  readonly leases?: (sound: Leases, backend: QueueBackend) => Partial<Leases>;
}

/** The sound one with some of its methods replaced. */
export function overriding<T extends object>(sound: T, methods: Partial<T> = {}): T {
  return Object.assign(Object.create(sound) as T, methods);
}

export async function connected(fault: BrokenBackend): Promise<QueueBackend> {
  const { backend, inspect, admin, features, editing, schedules, leases } = fault;
  const sound = memoryBackend();
  await sound.connect();
  const broken = overriding<QueueBackend>(sound, backend?.(sound));
  const lease = broken.lease.bind(broken);
  return overriding<QueueBackend>(broken, {
    inspect: overriding<Inspector>(sound.inspect, inspect?.(sound)),
    admin: overriding<Admin>(sound.admin, admin?.(sound)),
    features: {
      ...sound.features,
      ...features?.(sound),
      editing: overriding<Editing>(sound.features.editing, editing?.(sound.features.editing, sound)),
      schedules: overriding<Schedules>(sound.features.schedules, schedules?.(sound.features.schedules)),
    },
    lease: async (pipelines, onLost) => {
      const one = await lease(pipelines, onLost);
      return overriding(one, leases?.(one, sound));
    },
  });
}

export const brokenBackends: readonly BrokenBackend[] = [
  {
    fault: 'takes the age of a job for that of its burial',
    caughtBy: 'a buried job tells when that was, where it is known, and another one does not',
    inspect: (sound) => ({
      find: async (id) => {
        const job = await sound.inspect.find(id);
        return job && { ...job, buriedAt: job.addedAt! };
      },
    }),
  },
  {
    fault: 'ignores the priority',
    caughtBy: 'one by one: most urgent first, equal priorities oldest first',
    backend: (sound) => ({
      put: (pipeline, jobs) =>
        sound.put(
          pipeline,
          jobs.map((job) => ({ ...job, priority: 0 })),
        ),
    }),
  },
  {
    fault: 'settles a job that was lost',
    caughtBy: 'a lost job is reported, however it is settled, and nothing is changed',
    leases: (sound, backend) => ({
      settle: async (ends, limit) => {
        const { lost, next } = await sound.settle(ends, limit);
        await Promise.all(lost.map(({ id }) => backend.admin.discard(id)));
        return { lost: [], next };
      },
    }),
  },
  {
    fault: 'tells of its first look alone',
    caughtBy:
      'tells of each look, so that the lease of a long wait is known to be no older than the last one',
    leases: (sound) => ({
      reserve: (limit, wait, signal, looking) => {
        looking?.();
        return sound.reserve(limit, wait, signal);
      },
    }),
  },
  {
    fault: 'knows a lease by the id of the job',
    caughtBy: "a worker's second run of a job is safe from its first",
    leases: (sound) => {
      const latest = new Map<string, Leased>();
      return {
        reserve: async (...request) => {
          const jobs = await sound.reserve(...request);
          for (const job of jobs) latest.set(job.id, job);
          return jobs;
        },
        settle: (ends, next) =>
          sound.settle(
            ends.map((end) => ({ ...end, job: latest.get(end.job.id) ?? end.job })),
            next,
          ),
        renew: (jobs) => sound.renew(jobs.map((job) => latest.get(job.id) ?? job)),
      };
    },
  },
  {
    fault: 'gives one job to two rivals',
    caughtBy: 'two rivals share no job of 500, and leave none',
    backend: (sound) => {
      let before: Leased[] = [];
      return {
        lease: async (pipelines) => {
          const one = await sound.lease(pipelines);
          return overriding(one, {
            settle: async (ends, limit) => {
              const { lost, next } = await one.settle(ends, limit);
              const jobs = next.length > 0 ? [...next, ...before] : [];
              before = next;
              return { lost, next: jobs };
            },
          });
        },
      };
    },
  },
  {
    fault: 'loses the job that comes with an abort',
    caughtBy: 'a job put at the moment of the abort is not lost',
    leases: (sound) => ({
      reserve: async (limit, wait, signal) => {
        const jobs = await sound.reserve(limit, wait, signal);
        return signal.aborted ? [] : jobs;
      },
    }),
  },
  {
    fault: 'takes no notice of an abort',
    caughtBy: 'an aborted wait ends soon, with nothing',
    leases: (sound) => ({
      reserve: (limit, wait) => sound.reserve(limit, wait, new AbortController().signal),
    }),
  },
  {
    fault: 'lets a settlement queue behind a wait',
    caughtBy: 'jobs are settled and renewed while a reserve waits',
    leases: (sound) => {
      let previous: Promise<unknown> = Promise.resolve();
      return {
        reserve: (...request) => {
          const jobs = previous.then(() => sound.reserve(...request));
          previous = jobs;
          return jobs;
        },
        settle: (ends, next) => {
          const settled = previous.then(() => sound.settle(ends, next));
          previous = settled;
          return settled;
        },
      };
    },
  },
  {
    fault: 'waits although it settled something',
    caughtBy: 'settling does not wait for the next jobs',
    leases: (sound) => ({
      settle: async (ends, limit) => {
        const { lost } = await sound.settle(ends, 0);
        return { lost, next: await sound.reserve(limit, 5, new AbortController().signal) };
      },
    }),
  },
  {
    fault: 'waits for as many jobs as were asked for',
    caughtBy: 'when fewer are ready than asked for, those come at once',
    leases: (sound) => ({
      reserve: async (limit, wait, signal) => {
        const jobs = await sound.reserve(limit, wait, signal);
        return [...jobs, ...(await sound.reserve(limit - jobs.length, wait, signal))];
      },
    }),
  },
  {
    fault: 'looks for jobs every three seconds only',
    caughtBy: 'a put wakes a reserve that waits',
    leases: (sound) => ({
      reserve: async (limit, wait, signal) => {
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, 3000));
        return sound.reserve(limit, wait, signal);
      },
    }),
  },
  {
    fault: 'hands out delayed jobs early',
    caughtBy: 'a delayed job comes when its delay is over, never before, and ends a wait',
    backend: (sound) => ({
      put: (pipeline, jobs) =>
        sound.put(
          pipeline,
          jobs.map((job) => ({ ...job, delay: job.delay * 0.05 })),
        ),
    }),
  },
  {
    fault: 'renews nothing',
    caughtBy: 'renew restarts the time to run',
    leases: () => ({ renew: () => Promise.resolve([]) }),
  },
  {
    fault: 'counts an attempt for what closing gives back',
    caughtBy: 'what closing gives back is ready at once for another, without counting an attempt',
    leases: (sound) => {
      const held: Leased[] = [];
      return {
        reserve: async (...request) => {
          const jobs = await sound.reserve(...request);
          held.push(...jobs);
          return jobs;
        },
        close: async () => {
          const ends = held.splice(0).map((job) => ({ job, outcome: 'release', delay: 0 }) as const);
          await sound.settle(ends, 0);
          await sound.close();
        },
      };
    },
  },
  {
    fault: 'gives single jobs back only with all others',
    caughtBy: 'leases that return single jobs do so at once, without counting an attempt, and only their own',
    leases: () => ({ giveBack: () => Promise.resolve() }),
  },
  {
    fault: 'allows one wait only',
    caughtBy: 'any number of reserves of one worker may wait at once',
    leases: (sound) => {
      let waits = false;
      return {
        reserve: async (limit, wait, signal) => {
          if (waits) return [];
          waits = wait > 0;
          const jobs = await sound.reserve(limit, wait, signal);
          waits = false;
          return jobs;
        },
      };
    },
  },
  {
    fault: 'kicks delayed jobs beside buried ones',
    caughtBy: 'kick makes buried jobs ready, and delayed ones only when none is buried',
    admin: (sound) => ({
      kick: async (pipeline, limit) => {
        const kicked = await sound.admin.kick(pipeline, limit);
        return kicked < limit ? kicked + (await sound.admin.kick(pipeline, limit - kicked)) : kicked;
      },
    }),
  },
  {
    fault: 'kicks what it shows',
    caughtBy: 'looking changes nothing',
    inspect: (sound) => ({
      peek: async (pipeline, state) => {
        const job = await sound.inspect.peek(pipeline, state);
        if (job) await sound.admin.kickJob(job.id);
        return job;
      },
    }),
  },
  {
    fault: 'drops headers without a word',
    caughtBy: 'a job keeps its headers, or is refused before anything is stored',
    backend: (sound) => ({
      put: (pipeline, jobs) =>
        sound.put(
          pipeline,
          jobs.map(({ headers: _, ...job }) => job),
        ),
    }),
  },
  {
    fault: 'drops unique keys without a word',
    caughtBy: 'without a port for unique keys, a job with one is refused before anything is stored',
    features: () => ({ uniqueKeys: undefined as never }),
    backend: (sound) => ({
      put: (pipeline, jobs) =>
        sound.put(
          pipeline,
          jobs.map(({ unique: _, ...job }) => job),
        ),
    }),
  },
  {
    fault: 'lists the latest jobs first',
    caughtBy: 'a list shows each state page by page, in the order in which jobs leave it',
    features: ({ features: { listing } }) => ({
      listing: {
        list: async (pipeline, state, page) => (await listing!.list(pipeline, state, page)).reverse(),
      },
    }),
  },
  {
    fault: 'has half of a port',
    caughtBy: 'a list shows each state page by page, in the order in which jobs leave it',
    features: () => ({ listing: { list: async () => [] } }),
  },
  {
    fault: 'does not pause',
    caughtBy: 'a paused pipeline takes jobs and gives none, and its running jobs go on',
    admin: () => ({ pause: () => Promise.resolve() }),
  },
  {
    fault: 'kicks to a new start with the attempts that were',
    caughtBy: 'a kick to a new start: the job is as it was when it was added',
    editing: (_sound, { admin }) => ({ restart: (pipeline, limit) => admin.kick(pipeline, limit) }),
  },
  {
    fault: 'starts one job anew with the attempts that it had',
    caughtBy: 'a kick to a new start: the job is as it was when it was added',
    editing: (_sound, { admin }) => ({ restartJob: (id) => admin.kickJob(id) }),
  },
  {
    fault: 'starts all jobs anew, whatever the limit',
    caughtBy:
      'a new start is for buried jobs, for delayed ones only when none is buried, for no more than its limit',
    editing: (sound) => ({ restart: (pipeline) => sound.restart(pipeline, 100) }),
  },
  {
    fault: 'wakes nobody for a new start',
    caughtBy: 'a new start wakes a reserve that waits',
    editing: (sound) => ({
      restartJob: async (id) => {
        await sound.change(id, { delay: 3 });
        return true;
      },
    }),
  },
  {
    fault: 'forgets the lost reservations of no job',
    caughtBy: 'a new start forgets lost reservations',
    editing: (_sound, { admin }) => ({ restartJob: (id) => admin.kickJob(id) }),
  },
  {
    fault: 'makes what it changes ready',
    caughtBy: 'a job is changed where it is, ready, delayed or buried',
    editing: (sound, { admin }) => ({
      change: async (id, change) => {
        await admin.kickJob(id);
        return sound.change(id, change);
      },
    }),
  },
  {
    fault: 'changes one thing at a time',
    caughtBy: 'a change gives what it names, all at once, and leaves other jobs alone',
    editing: (sound) => ({
      change: (id, { payload, ...rest }) => sound.change(id, payload === undefined ? rest : { payload }),
    }),
  },
  {
    fault: 'keeps the order in which jobs were added',
    caughtBy: 'jobs whose priority was changed come in their new order',
    editing: (sound) => ({ change: (id, { priority: _, ...rest }) => sound.change(id, rest) }),
  },
  {
    fault: 'makes a job ready late',
    caughtBy: 'a delayed job that is changed to be ready wakes a reserve that waits',
    editing: (sound) => ({ change: (id) => sound.change(id, { delay: 3 }) }),
  },
  {
    fault: 'halves a delay that it changes',
    caughtBy: 'a job whose delay was changed comes when the new one is over, never before',
    editing: (sound) => ({ change: (id, { delay = 0 }) => sound.change(id, { delay: delay / 2 }) }),
  },
  {
    fault: 'says that it has changed what it has not',
    caughtBy: 'what somebody holds, what does not exist and the delay of what is buried are not changed',
    editing: (sound) => ({
      change: async (...change) => {
        await sound.change(...change);
        return true;
      },
    }),
  },
  {
    fault: 'changes the rest of a job whose delay it cannot change',
    caughtBy: 'what somebody holds, what does not exist and the delay of what is buried are not changed',
    editing: (sound) => ({
      change: async (id, { delay, ...rest }) => {
        await sound.change(id, rest);
        return delay === undefined ? false : sound.change(id, { delay });
      },
    }),
  },
  {
    fault: 'keeps no reason of a job that nobody held',
    caughtBy: 'a job that nobody holds is buried with its reason, counts no attempt, and is kicked last',
    editing: (sound) => ({ bury: (id) => sound.bury(id, {}) }),
  },
  {
    fault: 'takes a burial for an attempt',
    caughtBy: 'a job that nobody holds is buried with its reason, counts no attempt, and is kicked last',
    editing: (sound, backend) => ({
      bury: async (id, burial) => {
        const job = await backend.inspect.find(id);
        if (job?.state !== 'ready') return sound.bury(id, burial);
        const leases = await backend.lease([job.pipeline]);
        const [lease] = await leases.reserve(1, 0, new AbortController().signal);
        await leases.settle([{ job: lease!, outcome: 'bury', ...burial }], 0);
        return true;
      },
    }),
  },
  {
    fault: 'keeps the first reason of a burial',
    caughtBy: 'a buried job can be buried for another reason',
    editing: (sound, { inspect }) => ({
      bury: async (id, burial) => (await inspect.find(id))?.state === 'buried' || sound.bury(id, burial),
    }),
  },
  {
    fault: 'takes a job whose time is over for held',
    caughtBy: 'a job whose reservation has run out is nobody’s: it can be changed, and buried',
    editing: (sound, { inspect }) => ({
      change: async (id, change) =>
        (await inspect.find(id))?.timeouts === 0 && (await sound.change(id, change)),
    }),
  },
  {
    fault: 'counts a planned wait as an attempt',
    caughtBy:
      'attempts: a planned release counts none where the backend can tell, and failures count as before',
    leases: (sound) => ({
      settle: (ends, next) =>
        sound.settle(
          ends.map((end) => (end.outcome === 'release' ? { ...end, planned: undefined as never } : end)),
          next,
        ),
    }),
  },
  {
    fault: 'takes every release for a planned one',
    caughtBy:
      'attempts: a planned release counts none where the backend can tell, and failures count as before',
    leases: (sound) => ({
      settle: (ends, next) =>
        sound.settle(
          ends.map((end) => (end.outcome === 'release' ? { ...end, planned: true as const } : end)),
          next,
        ),
    }),
  },
  {
    fault: 'ends a pause without an end after the longest one that it can count',
    caughtBy: 'a pause without an end lasts until it is resumed, or another one takes its place',
    admin: (sound) => ({
      pause: (pipeline, duration) => sound.admin.pause(pipeline, Math.min(duration, 4_294_967_295)),
    }),
  },
  {
    fault: 'normalises Unicode',
    caughtBy: 'any Unicode, beyond the basic plane too, composed and decomposed',
    backend: (sound) => ({
      put: (pipeline, jobs) =>
        sound.put(
          pipeline,
          jobs.map((job) => ({ ...job, payload: job.payload.normalize() })),
        ),
    }),
  },
  {
    fault: 'compares names without case',
    caughtBy: 'names that differ by case are two pipelines',
    backend: (sound) => ({
      put: (pipeline, jobs) => sound.put(pipeline.toLowerCase(), jobs),
      lease: (pipelines) => sound.lease(pipelines.map((name) => name.toLowerCase())),
    }),
    inspect: ({ inspect }) => ({
      stats: (pipeline) => inspect.stats(pipeline.toLowerCase()),
      peek: (pipeline, state) => inspect.peek(pipeline.toLowerCase(), state),
    }),
  },
];
