import type { Consumer, QueueBackend } from '../../lib/core/contract/backend';
import type { ReservedJob } from '../../lib/core/contract/job-data';
import { memoryBackend } from '../../lib/testing';

/** A fault that real backends had, put into the memory backend, and the case that must find it. */
export interface BrokenBackend {
  readonly fault: string;
  readonly caughtBy: string;
  readonly backend?: (sound: QueueBackend) => Partial<QueueBackend>;
  /** Called for each consumer, with the backend that they share. */
  readonly consumer?: (sound: Consumer, backend: QueueBackend) => Partial<Consumer>;
}

/** The sound one with some of its methods replaced. */
function overriding<T extends object>(sound: T, methods: Partial<T> = {}): T {
  return Object.assign(Object.create(sound) as T, methods);
}

export async function connected({ backend, consumer }: BrokenBackend): Promise<QueueBackend> {
  const sound = memoryBackend();
  await sound.connect();
  const broken = overriding<QueueBackend>(sound, backend?.(sound));
  const consume = broken.consume.bind(broken);
  return overriding<QueueBackend>(broken, {
    consume: async (pipelines) => {
      const one = await consume(pipelines);
      return overriding(one, consumer?.(one, sound));
    },
  });
}

export const brokenBackends: readonly BrokenBackend[] = [
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
    consumer: (sound, backend) => ({
      exchange: async (request) => {
        const answer = await sound.exchange(request);
        await Promise.all(answer.lost.map(({ id }) => backend.discard(id)));
        return { ...answer, lost: [] };
      },
    }),
  },
  {
    fault: 'knows a reservation by the id of the job',
    caughtBy: "a consumer's second run of a job is safe from its first",
    consumer: (sound) => {
      const latest = new Map<string, ReservedJob>();
      return {
        exchange: async (request) => {
          const settle = request.settle.map((each) => ({
            ...each,
            job: latest.get(each.job.id) ?? each.job,
          }));
          const answer = await sound.exchange({ ...request, settle });
          for (const job of answer.reserved) latest.set(job.id, job);
          return answer;
        },
        touch: (jobs) => sound.touch(jobs.map((job) => latest.get(job.id) ?? job)),
      };
    },
  },
  {
    fault: 'gives one job to two rivals',
    caughtBy: 'two rivals share no job of 500, and leave none',
    backend: (sound) => {
      let before: ReservedJob[] = [];
      return {
        consume: async (pipelines) => {
          const one = await sound.consume(pipelines);
          return overriding(one, {
            exchange: async (request) => {
              const answer = await one.exchange(request);
              const reserved = answer.reserved.length > 0 ? [...answer.reserved, ...before] : [];
              before = answer.reserved;
              return { ...answer, reserved };
            },
          });
        },
      };
    },
  },
  {
    fault: 'loses the job that comes with an abort',
    caughtBy: 'a job put at the moment of the abort is not lost',
    consumer: (sound) => ({
      exchange: async (request) => {
        const answer = await sound.exchange(request);
        return request.signal.aborted ? { ...answer, reserved: [] } : answer;
      },
    }),
  },
  {
    fault: 'takes no notice of an abort',
    caughtBy: 'an aborted wait answers soon, with nothing',
    consumer: (sound) => ({
      exchange: (request) => sound.exchange({ ...request, signal: new AbortController().signal }),
    }),
  },
  {
    fault: 'lets a settlement queue behind a wait',
    caughtBy: 'jobs are settled and touched while another exchange waits',
    consumer: (sound) => {
      let previous: Promise<unknown> = Promise.resolve();
      return {
        exchange: (request) => {
          const answer = previous.then(() => sound.exchange(request));
          previous = answer;
          return answer;
        },
      };
    },
  },
  {
    fault: 'waits although it settled something',
    caughtBy: 'an exchange that settles does not wait',
    consumer: (sound) => ({
      exchange: async (request) => {
        const { lost } = await sound.exchange({ ...request, reserve: 0 });
        const { reserved } = await sound.exchange({ ...request, settle: [] });
        return { lost, reserved };
      },
    }),
  },
  {
    fault: 'waits for as many jobs as were asked for',
    caughtBy: 'when fewer are ready than asked for, those come at once',
    consumer: (sound) => ({
      exchange: async (request) => {
        const answer = await sound.exchange(request);
        const missing = request.reserve - answer.reserved.length;
        const { reserved } = await sound.exchange({ ...request, settle: [], reserve: missing });
        return { ...answer, reserved: [...answer.reserved, ...reserved] };
      },
    }),
  },
  {
    fault: 'looks for jobs every three seconds only',
    caughtBy: 'a put wakes an exchange that waits',
    consumer: (sound) => ({
      exchange: async (request) => {
        if (request.wait > 0) await new Promise((resolve) => setTimeout(resolve, 3000));
        return sound.exchange(request);
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
    fault: 'touches nothing',
    caughtBy: 'touch starts the time to run anew',
    consumer: () => ({ touch: () => Promise.resolve([]) }),
  },
  {
    fault: 'counts an attempt for what closing gives back',
    caughtBy: 'what a closed consumer held is ready at once for another, at no attempt',
    consumer: (sound) => {
      const held: ReservedJob[] = [];
      return {
        exchange: async (request) => {
          const answer = await sound.exchange(request);
          held.push(...answer.reserved);
          return answer;
        },
        close: async () => {
          const settle = held.splice(0).map((job) => ({ job, outcome: 'release', delay: 0 }) as const);
          if (settle.length > 0)
            await sound.exchange({ settle, reserve: 0, wait: 0, signal: AbortSignal.abort() });
          await sound.close();
        },
      };
    },
  },
  {
    fault: 'kicks delayed jobs beside buried ones',
    caughtBy: 'kick makes buried jobs ready, and delayed ones only when none is buried',
    backend: (sound) => ({
      kick: async (pipeline, limit) => {
        const kicked = await sound.kick(pipeline, limit);
        return kicked < limit ? kicked + (await sound.kick(pipeline, limit - kicked)) : kicked;
      },
    }),
  },
  {
    fault: 'kicks what it shows',
    caughtBy: 'looking changes nothing',
    backend: (sound) => ({
      peek: async (pipeline, state) => {
        const job = await sound.peek(pipeline, state);
        if (job) await sound.kickJob(job.id);
        return job;
      },
    }),
  },
  {
    fault: 'does not pause',
    caughtBy: 'a paused pipeline takes jobs and gives none, and its running jobs go on',
    backend: () => ({ pause: () => Promise.resolve() }),
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
      stats: (pipeline) => sound.stats(pipeline.toLowerCase()),
      peek: (pipeline, state) => sound.peek(pipeline.toLowerCase(), state),
      consume: (pipelines) => sound.consume(pipelines.map((name) => name.toLowerCase())),
    }),
  },
];
