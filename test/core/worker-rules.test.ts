import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as macrotask } from 'node:timers/promises';
import { systemClock } from '../../lib/backends/memory/clock';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { BackendRefusedError, BackendUnavailableError } from '../../lib/core/contract/errors';
import type { Leased } from '../../lib/core/contract/job-data';
import type { Leases, LostListener, Settlement } from '../../lib/core/contract/leases';
import { type Logger, silentLogger } from '../../lib/core/contract/logger';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import type { Handler } from '../../lib/core/policy/job';
import { JobEvents, type JobEventName } from '../../lib/core/policy/job-events';
import { newJob } from '../../lib/core/policy/job-options';
import { BuryJob } from '../../lib/core/policy/outcome';
import { Isolation } from '../../lib/core/process/isolation';
import { JobBudget } from '../../lib/core/process/job-budget';
import { KeepAlive } from '../../lib/core/process/keep-alive';
import { WorkerGroup } from '../../lib/core/process/worker-group';
import { JobRunner } from '../../lib/core/worker/run/job-runner';
import { RunningJob } from '../../lib/core/worker/run/running-job';
import { memoryBackend } from '../../lib/testing';
import { put } from '../support/put';
import { until } from '../support/until';

const groups: WorkerGroup[] = [];
afterEach(() => Promise.all(groups.splice(0).map((group) => group.drain(0))));

interface Setting {
  readonly logger?: Logger;
  readonly replace?: (leases: Leases) => Partial<Leases>;
  readonly isolation?: Isolation;
  readonly budget?: JobBudget;
  /** How late the worker's clock is, in milliseconds: it rises where the process stands still. */
  readonly late?: () => number;
}

async function queue({
  logger = silentLogger,
  replace = () => ({}),
  isolation = new Isolation(),
  budget = new JobBudget(),
  late = () => 0,
}: Setting = {}) {
  // The backend's clock is set forward where a lease of a dead process is to run out.
  let ahead = 0;
  const memory = memoryBackend({ clock: { ...systemClock, now: () => Date.now() + ahead } });
  await memory.connect();
  const backend: QueueBackend = Object.assign(Object.create(memory) as QueueBackend, {
    lease: async (pipelines: readonly string[], onLost?: LostListener) => {
      const leases = await memory.lease(pipelines, onLost);
      return Object.assign(Object.create(leases) as Leases, replace(leases));
    },
  });
  const events = new JobEvents(logger);
  const happened: string[] = [];
  for (const name of ['started', 'completed', 'retried', 'buried', 'lost', 'cancelled'] as JobEventName[]) {
    events.on(name, ({ job }) => happened.push(`${name} ${job.pipeline} ${job.id}`));
  }
  const clock = { now: () => performance.now() + late() };
  const group = new WorkerGroup(backend, events, logger, { isolation, budget, clock });
  groups.push(group);
  const work = (pipeline: string, handler: Handler, concurrency = 1, maxLost = 3) =>
    group.start({
      pipeline,
      concurrency,
      prefetch: true,
      runner: new JobRunner({ handler, codec: jsonCodec, retry: {}, maxLost, timeout: 0 }),
    });
  const add = (pipeline: string, count = 1, options = {}) =>
    put(
      memory,
      pipeline,
      Array.from({ length: count }, (_, index) => newJob(String(index), options)),
    );
  /** Lets a process that reserves the job die: before it starts, or in a run that is alone. */
  const lose = async (pipeline: string, how: 'waiting' | 'alone' = 'waiting') => {
    const dead = await memory.lease([pipeline]);
    const [job] = await dead.reserve(1, 0, AbortSignal.abort());
    if (how === 'alone') await dead.loneRuns?.begin(job!);
    ahead += 3_600_000;
  };
  const pass = (milliseconds: number) => void (ahead += milliseconds);
  return { memory, group, happened, work, add, lose, pass };
}

class Lines implements Logger {
  readonly all: string[] = [];
  log = (line: string) => void this.all.push(line);
  warn = (line: string) => void this.all.push(line);
  error = (line: string) => void this.all.push(line);
}

describe('a settlement that the backend refuses', () => {
  const refusing = (refuses: (end: Settlement) => boolean) => (leases: Leases) => ({
    settle: async (ends: readonly Settlement[], next: number) => {
      if (ends.some(refuses)) throw new BackendRefusedError('memory', 'no such letters');
      return leases.settle(ends, next);
    },
  });
  const reasonOf = (end: Settlement) => (end.outcome === 'bury' ? (end.reason ?? '') : '');

  it('costs its neighbours nothing, and is made in a plainer form', async () => {
    const logger = new Lines();
    const { memory, work, add, happened } = await queue({
      logger,
      replace: refusing((end) => /[^\x20-\x7e\n]/.test(reasonOf(end))),
    });
    const ids = await add('mail', 20);
    await work(
      'mail',
      ({ payload }) => {
        if (payload === 7) throw new BuryJob('no mailbox 😀');
      },
      20,
    );
    await until('all have ended', () => happened.filter((it) => !it.startsWith('started')).length === 20);
    expect(happened.filter((it) => it.startsWith('started'))).toHaveLength(20);
    expect(happened.filter((it) => it.startsWith('completed'))).toHaveLength(19);
    expect(await memory.inspect.find(ids[7]!)).toMatchObject({ state: 'buried', reason: 'no mailbox ??' });
    expect(logger.all.filter((line) => line.includes('does not answer'))).toEqual([]);
    expect(logger.all.filter((line) => line.includes('no such letters'))).toHaveLength(1);
  });

  it('is told once when no form of it is taken, and the worker goes on', async () => {
    const { work, add, happened } = await queue({ replace: refusing((end) => end.outcome === 'bury') });
    await add('mail', 2);
    await work('mail', ({ payload }) => payload !== 0);
    await until('both have ended', () => happened.length === 4);
    expect(happened).toEqual(['started mail 1', 'lost mail 1', 'started mail 2', 'completed mail 2']);
  });
});

describe('a job that is called off', () => {
  it.each([
    ['when its handler has ended and nothing is settled yet', 20],
    ['while its handler is about to end', 0],
  ])('is told as such, and not as lost: %s', async (_when, microtasks) => {
    const { memory, happened, work, add } = await queue();
    const [id] = await add('mail');
    await work('mail', () => {
      const cancelSoon = async () => {
        for (let passed = 0; passed < microtasks; passed += 1) await Promise.resolve();
        await memory.features.cancelling?.cancel(id!);
      };
      void cancelSoon();
    });
    await until('it is told', () => happened.length > 1);
    expect(happened).toEqual([`started mail ${id}`, `cancelled mail ${id}`]);
  });
});

describe('what a handler throws', () => {
  const hostile: [string, () => unknown][] = [
    [
      'a cause that leads back',
      () => {
        const error = new BuryJob('round');
        error.cause = error;
        return error;
      },
    ],
    [
      'an error whose stack cannot be read',
      () =>
        Object.defineProperty(new Error('x'), 'stack', {
          get() {
            throw new Error('no stack');
          },
        }),
    ],
    ['an object without a prototype', () => Object.create(null) as object],
    [
      'a proxy whose traps throw',
      () =>
        new Proxy(
          {},
          {
            get() {
              throw new Error('trap');
            },
            getPrototypeOf() {
              throw new Error('trap');
            },
          },
        ),
    ],
  ];
  it.each(hostile)('ends neither the process nor the slot: %s', async (_name, thrown) => {
    const { work, add, happened } = await queue();
    await add('mail', 2);
    await work('mail', ({ payload }) => {
      if (payload === 0) throw thrown();
    });
    await until('both have ended', () => happened.length === 4);
    expect(happened).toEqual(['started mail 1', 'buried mail 1', 'started mail 2', 'completed mail 2']);
  });
});

it('a run that is given back at a stop has one end, too', async () => {
  const { work, add, happened, group } = await queue();
  await add('mail', 2);
  await work(
    'mail',
    ({ payload, signal }) =>
      new Promise((_resolve, reject) => {
        // One heeds its signal, the other does not.
        if (payload === 0) signal.addEventListener('abort', () => reject(new Error('stopped')));
      }),
    2,
  );
  await until('both run', () => happened.length === 2);
  await group.drain(0);
  expect(happened.slice(2).sort()).toEqual(['lost mail 1', 'lost mail 2']);
});

it('a log that cannot be written stops nothing', async () => {
  const broken = (): never => {
    throw new Error('ENOSPC');
  };
  const { work, add, happened } = await queue({ logger: { log: broken, warn: broken, error: broken } });
  await add('mail', 2);
  await work('mail', () => false);
  await until('both have ended', () => happened.filter((it) => it.startsWith('buried')).length === 2);
});

it('a poison job runs alone in its process, whatever the pipelines of the others', async () => {
  const { memory, work, add, happened } = await queue();
  const [poison] = await add('poison', 1, { ttr: 1 });
  const killed = await memory.lease(['poison']);
  await killed.reserve(1, 0, AbortSignal.abort());
  await until('its lease is over', async () => (await memory.inspect.find(poison!))?.timeouts === 1);
  await add('innocent', 3);
  let running = 0;
  const beside: number[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await work('innocent', async () => {
    running += 1;
    await held;
    running -= 1;
  });
  await until('an innocent job runs', () => running === 1);
  await work('poison', () => beside.push(running), 1, 2);
  await until('the poison job waits', async () => (await memory.inspect.stats('poison')).reserved === 1);
  release();
  await until('all have ended', () => happened.filter((it) => it.startsWith('completed')).length === 4);
  expect(beside).toEqual([0]);
});

it('a poison job waits for the settlement of what ran beside it', async () => {
  let settle = (): void => {};
  const slow = new Promise<void>((resolve) => (settle = resolve));
  const { memory, work, add, happened } = await queue({
    replace: (leases) => ({
      settle: async (ends, next) => {
        await slow;
        return leases.settle(ends, next);
      },
    }),
  });
  const [poison] = await add('poison', 1, { ttr: 1 });
  const killed = await memory.lease(['poison']);
  await killed.reserve(1, 0, AbortSignal.abort());
  await until('its lease is over', async () => (await memory.inspect.find(poison!))?.timeouts === 1);
  await add('innocent');
  await work('innocent', () => undefined);
  await until('the innocent job has run', () => happened.length === 1);
  await work('poison', () => undefined, 1, 2);
  await until('the poison job waits', async () => (await memory.inspect.stats('poison')).reserved === 1);
  settle();
  await until('both have ended', () => happened.length === 4);
  expect(happened.slice(0, 3)).toEqual(['started innocent 2', 'completed innocent 2', 'started poison 1']);
});

it('a job that only has to be buried waits for nobody', async () => {
  const { memory, work, add, happened } = await queue();
  const [poison] = await add('poison', 1, { ttr: 1 });
  const killed = await memory.lease(['poison']);
  await killed.reserve(1, 0, AbortSignal.abort());
  await until('its lease is over', async () => (await memory.inspect.find(poison!))?.timeouts === 1);
  await add('innocent');
  let release = (): void => {};
  await work('innocent', () => new Promise<void>((resolve) => (release = resolve)));
  await until('an innocent job runs', () => happened.length === 1);
  await work('poison', () => undefined, 1, 1);
  await until('it is buried', () => happened.some((it) => it.startsWith('buried poison')));
  release();
});

it('a job is not buried for having been lost where it did not start', async () => {
  const { work, add, happened, lose } = await queue();
  const [id] = await add('mail');
  for (let deaths = 0; deaths < 5; deaths += 1) await lose('mail');
  await work('mail', () => undefined);
  await until('it has ended', () => happened.length === 2);
  expect(happened).toEqual([`started mail ${id}`, `completed mail ${id}`]);
});

it.each(['at once', 'after an outage'])(
  'nothing runs beside a run that was alone before its end is settled: %s',
  async (when) => {
    const runs: string[] = [];
    let settled: string[] | undefined;
    let outages = when === 'at once' ? 0 : 1;
    const { work, add, lose } = await queue({
      replace: (leases) => ({
        settle: async (ends, next) => {
          if (settled || ends.every(({ job }) => job.pipeline !== 'poison')) return leases.settle(ends, next);
          if (outages-- > 0) throw new BackendUnavailableError('memory', 'it is away');
          await add('innocent', 3);
          for (let turn = 0; turn < 20; turn += 1) await macrotask();
          const answer = await leases.settle(ends, next);
          settled = [...runs];
          return answer;
        },
      }),
    });
    await add('poison');
    for (const how of ['waiting', 'waiting'] as const) await lose('poison', how);
    await work('innocent', () => void runs.push('innocent'), 3);
    await work('poison', () => void runs.push('poison'));
    await until('all have run', () => runs.length === 4);
    expect(settled).toEqual(['poison']);
  },
);

it.each<[why: string, noted: (budget: JobBudget) => void]>([
  ['the worker may start no more', (budget) => budget.take()],
  [
    'nobody knows whether its start is noted',
    () => {
      throw new BackendUnavailableError('memory', 'no answer');
    },
  ],
])(
  'nothing runs beside a job that was to run alone, and goes back, before it has arrived: %s',
  async (_, noted) => {
    const isolation = new Isolation();
    const budget = new JobBudget(1);
    const runs: unknown[] = [];
    let seen: unknown[] | undefined;
    const other = await queue({ isolation });
    const { work, add, lose } = await queue({
      isolation,
      budget,
      replace: (leases) => ({
        loneRuns: {
          ...leases.loneRuns!,
          begin: async (job) => {
            if (!seen) await other.add('innocent', 3);
            const ours = await leases.loneRuns!.begin(job);
            if (!seen) noted(budget);
            return ours;
          },
        },
        giveBack: async (jobs) => {
          for (let turn = 0; turn < 20; turn += 1) await macrotask();
          seen ??= [...runs];
          await leases.giveBack(jobs);
        },
      }),
    });
    await add('poison');
    for (const how of ['waiting', 'waiting'] as const) await lose('poison', how);
    await other.work('innocent', ({ payload }) => void runs.push(payload), 3);
    await work('poison', () => undefined);
    await until('all others have run', () => runs.length === 3);
    expect(seen).toEqual([]);
  },
);

it('nothing runs beside a run that was alone when its worker ends, before it has gone back', async () => {
  const isolation = new Isolation();
  const runs: unknown[] = [];
  let seen: unknown[] | undefined;
  const other = await queue({ isolation });
  const { group, work, add, lose } = await queue({
    isolation,
    replace: (leases) => ({
      close: async () => {
        for (let turn = 0; turn < 20; turn += 1) await macrotask();
        seen ??= [...runs];
        await leases.close();
      },
    }),
  });
  await add('poison');
  for (const how of ['waiting', 'waiting'] as const) await lose('poison', how);
  await other.work('innocent', ({ payload }) => void runs.push(payload), 3);
  let alone = false;
  await work('poison', () => {
    alone = true;
    return new Promise(() => undefined);
  });
  await until('it runs', () => alone);
  await other.add('innocent', 3);
  await group.drain(0);
  await until('all others have run', () => runs.length === 3);
  expect(seen).toEqual([]);
});

it('a job that was lost too often is buried once it was lost in a run that was alone', async () => {
  const { memory, work, add, lose } = await queue();
  const [id] = await add('mail');
  for (const how of ['waiting', 'waiting', 'alone'] as const) await lose('mail', how);
  const runs: unknown[] = [];
  await work('mail', ({ payload }) => void runs.push(payload));
  const job = await until('it is buried', async () => {
    const found = await memory.inspect.find(id!);
    return found?.state === 'buried' && found;
  });
  expect([runs, job.reason]).toEqual([[], 'its worker was lost 3 times while it ran']);
  // A kick grants it as many deaths again, and asks for new evidence.
  await memory.admin.kickJob(id!);
  await until('it ran', () => runs.length === 1);
});

it('a run that was alone and ended is no evidence against the next one', async () => {
  const { memory, work, add, lose } = await queue();
  const [id] = await add('mail');
  for (const how of ['waiting', 'waiting'] as const) await lose('mail', how);
  const worker = await memory.lease(['mail']);
  const [job] = await worker.reserve(1, 0, AbortSignal.abort());
  await worker.loneRuns?.begin(job!);
  await worker.giveBack([job!]);
  await lose('mail');
  expect(await memory.inspect.find(id!)).toMatchObject({ timeouts: 3, state: 'ready' });
  let ran = false;
  await work('mail', () => void (ran = true));
  await until('it ran', () => ran);
});

it('the lease of a run that is alone outlasts a network that is away for a statement’s deadline', async () => {
  const { memory, add } = await queue();
  const [id] = await add('mail', 1, { ttr: 1 });
  const worker = await memory.lease(['mail']);
  const [job] = await worker.reserve(1, 0, AbortSignal.abort());
  expect(await worker.loneRuns?.begin(job!)).toBe(true);
  await worker.renew([job!]);
  const { delay } = (await memory.inspect.find(id!))!;
  expect([delay > 20, delay <= 21]).toEqual([true, true]);
});

it('a poison job holds nobody up for long while others run, and runs when they have ended', async () => {
  const givenBack: string[] = [];
  const { memory, work, add, happened, lose } = await queue({
    isolation: new Isolation(0.05),
    replace: (leases) => ({
      giveBack: (jobs) => {
        givenBack.push(...jobs.map(({ id }) => id));
        return leases.giveBack(jobs);
      },
    }),
  });
  const [poison] = await add('poison');
  for (let deaths = 0; deaths < 2; deaths += 1) await lose('poison');
  await add('innocent');
  let release = (): void => {};
  await work('innocent', ({ payload }) =>
    payload === 0 ? new Promise<void>((resolve) => (release = resolve)) : undefined,
  );
  await until('the long one runs', () => happened.length === 1);
  await work('poison', () => undefined);
  await until('the poison job waits', async () => (await memory.inspect.stats('poison')).reserved === 1);
  await work('others', () => undefined);
  const [other] = await add('others');
  // Nobody starts while it waits for the first time; then it is the others' turn, and it goes back.
  await until('others go on', () => happened.includes(`completed others ${other}`));
  await until('it goes back', () => givenBack.includes(poison!));
  expect(happened.filter((it) => it.includes('poison'))).toEqual([]);
  release();
  await until('it runs', () => happened.some((it) => it.startsWith('completed poison')), { within: 20 });
}, 40_000);

it('of a job that waits for its own earlier run, and is lost meanwhile, nothing is told', async () => {
  const { memory, work, add, happened, pass } = await queue();
  const [id] = await add('mail', 1, { ttr: 2 });
  let release = (): void => {};
  await work('mail', () => new Promise<void>((resolve) => (release = resolve)), 3, 10);
  const takenAgain = (timeouts: number) =>
    until('it was taken again', async () => {
      expect(await memory.inspect.find(id!)).toMatchObject({ timeouts, state: 'reserved' });
      return true;
    });
  await until('it runs', () => happened.length === 1);
  pass(2500);
  await takenAgain(1);
  expect(happened).toHaveLength(2);
  pass(2500);
  await takenAgain(2);
  release();
  await until('it runs again', () => happened.length === 3);
  release();
  await until('it has ended', () => happened.length === 4);
  expect(happened).toEqual(['started', 'lost', 'started', 'completed'].map((it) => `${it} mail ${id}`));
});

it('a lease counts from when its claim was sent, however long the worker had waited for a job', async () => {
  let late = 0;
  const givenBack: string[] = [];
  const { work, add, happened } = await queue({
    late: () => late,
    replace: (leases) => ({
      reserve: async (...request) => {
        const jobs = await leases.reserve(...request);
        // The process stood still between the claim and its answer, for longer than the lease lasts.
        if (jobs.length > 0 && late === 0) late = 5000;
        return jobs;
      },
      giveBack: (jobs) => {
        givenBack.push(...jobs.map(({ id }) => id));
        return leases.giveBack(jobs);
      },
    }),
  });
  await work('mail', () => undefined);
  const [id] = await add('mail', 1, { ttr: 2 });
  await until('it has ended', () => happened.some((it) => it.startsWith('completed')));
  expect(givenBack).toEqual([id]);
});

it('a job starts in an asynchronous context of its own', async () => {
  const requests = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { work, add, happened } = await queue();
  await requests.run('a request', () =>
    work('mail', async ({ payload }) => {
      seen.push(requests.getStore());
      requests.enterWith(`job ${String(payload)}`);
      await Promise.resolve();
      seen.push(requests.getStore());
    }),
  );
  await requests.run('another request', () => add('mail', 2));
  await until('both have ended', () => happened.filter((it) => it.startsWith('completed')).length === 2);
  expect(seen).toEqual([undefined, 'job 0', undefined, 'job 1']);
});

it('nothing that was prefetched starts while the backend does not answer', async () => {
  let broken = false;
  let started = 0;
  const startedInOutage: number[] = [];
  const cut = () => new BackendUnavailableError('memory', 'the cable is out');
  const { work, add, happened, group } = await queue({
    replace: (leases) => ({
      reserve: async (...args) => {
        if (broken) throw cut();
        return leases.reserve(...args);
      },
      settle: async (...args) => {
        if (broken) throw cut();
        return leases.settle(...args);
      },
    }),
  });
  await add('mail', 300);
  await work('mail', () => {
    started += 1;
    if (started === 150) broken = true;
  });
  await until('the outage has begun', () => broken);
  await until('nothing is held any more', () => {
    startedInOutage.push(started);
    return startedInOutage.length > 5 && startedInOutage.at(-1) === startedInOutage.at(-5);
  });
  expect(started).toBeLessThan(300);
  broken = false;
  await until('all have ended', () => happened.filter((it) => it.startsWith('completed')).length === 300, {
    within: 20,
  });
  await group.drain(1);
  expect(started).toBe(300);
});

it('a lease has one renewal under way at most', async () => {
  const job: Leased = {
    id: '1',
    pipeline: 'mail',
    payload: '1',
    priority: 0,
    ttr: 1,
    timeouts: 0,
    kicks: 0,
    attempt: 1,
  };
  let now = 0;
  let looks = 0;
  let asked = 0;
  let answer = (_lost: Leased[]): void => {};
  const running = new Map([
    [
      job,
      new RunningJob(
        job,
        { renew: async () => {}, transact: async () => {}, journal: { progress: () => {}, log: () => {} } },
        0,
      ),
    ],
  ]);
  const keepAlive = new KeepAlive({ now: () => now });
  keepAlive.add({
    get running() {
      looks += 1;
      return running;
    },
    touch: () => {
      asked += 1;
      return new Promise((resolve) => (answer = resolve));
    },
    lost: () => {},
  });
  keepAlive.watch();
  await until('it is renewed', () => asked === 1);
  now = 10_000;
  const before = looks;
  await until('it was looked at again and again', () => looks > before + 6);
  expect(asked).toBe(1);
  answer([]);
  await until('it is renewed again', () => asked === 2);
  running.clear();
});
