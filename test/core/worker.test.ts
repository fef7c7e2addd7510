import { setImmediate as macrotask } from 'node:timers/promises';
import { type Clock, systemClock } from '../../lib/backends/memory/clock';
import { MemoryLeases } from '../../lib/backends/memory/memory-leases';
import type { QueueBackend } from '../../lib/core/contract/backend';
import {
  BackendClosedError,
  BackendUnavailableError,
  ReservationLostError,
  WorkerStoppedError,
} from '../../lib/core/contract/errors';
import type { Leases, Settlement } from '../../lib/core/contract/leases';
import type { Logger } from '../../lib/core/contract/logger';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import type { Handler } from '../../lib/core/policy/job';
import { JobEvents, type JobEventName } from '../../lib/core/policy/job-events';
import { type JobOptions, newJob } from '../../lib/core/policy/job-options';
import { BuryJob, ReleaseJob } from '../../lib/core/policy/outcome';
import type { RetryOptions } from '../../lib/core/policy/retry-policy';
import { WorkerGroup } from '../../lib/core/process/worker-group';
import { sleep } from '../../lib/core/time/sleep';
import { JobRunner } from '../../lib/core/worker/run/job-runner';
import { memoryBackend } from '../../lib/testing';
import { put } from '../support/put';
import { until } from '../support/until';

const PIPELINE = 'mail';

interface Setting extends RetryOptions {
  readonly concurrency?: number;
  readonly timeout?: number;
  readonly maxLost?: number;
  readonly prefetch?: boolean | number;
  /** The backend's. */
  readonly clock?: Clock;
  readonly around?: (backend: QueueBackend) => QueueBackend;
}

/** Logged lines, by level. */
class Lines implements Logger {
  readonly all: string[] = [];
  log = (message: string) => void this.all.push(`log ${message}`);
  warn = (message: string) => void this.all.push(`warn ${message}`);
  error = (message: string) => void this.all.push(`error ${message}`);

  matching(pattern: RegExp): string[] {
    return this.all.filter((line) => pattern.test(line));
  }
}

const groups: WorkerGroup[] = [];

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(groups.splice(0).map((group) => group.drain(0)));
});

async function queue({
  concurrency = 1,
  timeout = 0,
  maxLost = 3,
  prefetch = false,
  clock = systemClock,
  around = (it) => it,
  ...retry
}: Setting = {}) {
  const backend = memoryBackend({ clock });
  await backend.connect();
  const lines = new Lines();
  const events = new JobEvents(lines);
  const happened: string[] = [];
  for (const name of ['started', 'completed', 'retried', 'buried', 'lost', 'stalled'] as JobEventName[]) {
    events.on(name, ({ job }) => happened.push(`${name} ${job.id} at ${job.attempt}`));
  }
  const group = new WorkerGroup(around(backend), events, lines);
  groups.push(group);
  return {
    backend,
    group,
    events,
    lines,
    happened,
    add: async (payload: unknown, options = {}) =>
      (await put(backend, PIPELINE, [newJob(JSON.stringify(payload), options)]))[0]!,
    work: (handler: Handler) =>
      group.start({
        pipeline: PIPELINE,
        concurrency,
        prefetch,
        runner: new JobRunner({ handler, codec: jsonCodec, retry, maxLost, timeout }),
      }),
    gone: (id: string) =>
      until(`job ${id} is gone`, async () => (await backend.inspect.find(id)) === undefined, { within: 20 }),
    buried: (id: string) =>
      until(`job ${id} is buried`, async () => (await backend.inspect.find(id))?.state === 'buried'),
  };
}

/** The backend with some of the verbs of its leases replaced. */
function leasing(replace: (leases: Leases, backend: QueueBackend) => Partial<Leases>) {
  return (backend: QueueBackend): QueueBackend =>
    Object.assign(Object.create(backend) as QueueBackend, {
      lease: async (pipelines: readonly string[]) => {
        const leases = await backend.lease(pipelines);
        return Object.assign(Object.create(leases) as Leases, replace(leases, backend));
      },
    });
}

describe('worker', () => {
  it('hands a job to its handler and deletes it', async () => {
    const { add, work, gone, happened } = await queue();
    const id = await add({ to: 'ann' });
    const seen: unknown[] = [];
    await work((job) => seen.push([job.id, job.pipeline, job.payload, job.attempt, job.priority, job.ttr]));
    await gone(id);
    expect(seen).toEqual([[id, PIPELINE, { to: 'ann' }, 1, 1024, 60]]);
    expect(happened).toEqual([`started ${id} at 1`, `completed ${id} at 1`]);
  });

  it('takes jobs by priority, then age', async () => {
    const { add, work, group, backend } = await queue();
    for (const priority of [5, 1, 5, 0]) await add(priority, { priority });
    const seen: unknown[] = [];
    await work((job) => seen.push([job.payload, job.id]));
    await until('the pipeline is empty', async () => (await backend.inspect.stats(PIPELINE)).ready === 0);
    await group.drain(1);
    expect(seen).toEqual([
      [0, '4'],
      [1, '2'],
      [5, '1'],
      [5, '3'],
    ]);
  });

  it('never runs more handlers than its concurrency, and uses all of it', async () => {
    const { add, work, backend } = await queue({ concurrency: 3 });
    let running = 0;
    let most = 0;
    for (let n = 0; n < 30; n += 1) await add(n);
    await work(async () => {
      most = Math.max(most, (running += 1));
      await macrotask();
      running -= 1;
    });
    await until('all jobs are done', async () => {
      const { ready, reserved } = await backend.inspect.stats(PIPELINE);
      return ready + reserved === 0;
    });
    expect(most).toBe(3);
  });

  it('hands back and takes in one exchange: ten jobs at once cost one exchange', async () => {
    const exchanges: [settled: number, reserve: number][] = [];
    let end = (): void => {};
    const tenRounds = new Promise<void>((resolve) => (end = resolve));
    const { add, work } = await queue({
      concurrency: 10,
      around: leasing((leases) => {
        const note = (settled: number, reserve: number): void => {
          exchanges.push([settled, reserve]);
          if (exchanges.length === 11) end();
        };
        return {
          reserve: (limit, ...rest) => {
            note(0, limit);
            return leases.reserve(limit, ...rest);
          },
          settle: (ends: readonly Settlement[], next: number) => {
            note(ends.length, next);
            return leases.settle(ends, next);
          },
        };
      }),
    });
    for (let n = 0; n < 100; n += 1) await add(n);
    // On a busy machine a millisecond may pass between two handlers, and then what has ended before goes back alone.
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    try {
      await work(() => undefined);
      await tenRounds;
    } finally {
      clock.mockRestore();
    }
    expect(exchanges).toEqual([[0, 10], ...Array<[number, number]>(10).fill([10, 10])]);
  });

  it.each([
    { abreastFrom: 1, concurrency: 4, prefetch: 16, calls: 2 },
    { abreastFrom: 21, concurrency: 4, prefetch: 16, calls: 1 },
    { abreastFrom: Infinity, concurrency: 4, prefetch: 16, calls: 1 },
    { abreastFrom: 1, concurrency: 1, prefetch: 16, calls: 1 },
    { abreastFrom: 1, concurrency: 4, prefetch: false, calls: 1 },
  ])(
    'settles by $calls calls at once and holds no more than it may: $abreastFrom, $concurrency, $prefetch',
    async ({ calls, abreastFrom, concurrency, prefetch }) => {
      let underWay = 0;
      let mostCalls = 0;
      let mostHeld = 0;
      const { add, work, backend, happened } = await queue({
        concurrency,
        prefetch,
        around: leasing((leases, { inspect }) => ({
          abreastFrom,
          settle: async (ends: readonly Settlement[], next: number) => {
            underWay += 1;
            mostCalls = Math.max(mostCalls, underWay);
            mostHeld = Math.max(mostHeld, (await inspect.stats(PIPELINE)).reserved);
            // As long as an answer takes: what is held has ended meanwhile.
            await macrotask();
            await macrotask();
            underWay -= 1;
            return leases.settle(ends, next);
          },
        })),
      });
      const ids: string[] = [];
      for (let n = 0; n < 400; n += 1) ids.push(await add(n));
      // On a busy machine a millisecond may pass between two handlers.
      const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
      try {
        await work(() => undefined);
        await until('all are done', async () => {
          const { ready, reserved } = await backend.inspect.stats(PIPELINE);
          return ready + reserved === 0;
        });
      } finally {
        clock.mockRestore();
      }
      expect(mostCalls).toBe(calls);
      expect(mostHeld).toBeLessThanOrEqual(concurrency + Number(prefetch));
      const completed = happened.filter((it) => it.startsWith('completed'));
      expect(completed.sort()).toEqual(ids.map((id) => `completed ${id} at 1`).sort());
    },
  );

  it('takes quick jobs ahead, and gives them back when the handler turns slow', async () => {
    const { add, work, backend } = await queue({ prefetch: true });
    for (let n = 0; n < 200; n += 1) await add('quick');
    const slow = await add('slow');
    for (let n = 0; n < 200; n += 1) await add('quick');
    let most = 0;
    let goOn = (): void => {};
    const reserved = async () => (await backend.inspect.stats(PIPELINE)).reserved;
    // Where a busy machine holds up a quick one, the others behind it are given back too early.
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    await work(async (job) => {
      if (job.payload !== 'slow') return;
      clock.mockRestore();
      most = await reserved();
      await new Promise<void>((end) => (goOn = end));
    });
    await until('the slow one runs', async () => (await backend.inspect.find(slow))?.state === 'reserved');
    // Another process that is idle gets all the others, and none waits behind the slow one.
    await until('nothing is held but the slow one', async () => (await reserved()) === 1);
    expect(most).toBeGreaterThan(1);
    const idle = await backend.lease([PIPELINE]);
    const others = await idle.reserve(500, 0, AbortSignal.abort());
    expect(others.every((job) => job.attempt === 1 && job.timeouts === 0)).toBe(true);
    goOn();
    await until('only the other process holds jobs', async () => (await reserved()) === others.length);
    const { ready } = await backend.inspect.stats(PIPELINE);
    expect(ready).toBe(0);
  });

  it('gives back what it took ahead when a handler has blocked the process for half their time, and goes on', async () => {
    // Passes with the block alone, so that a busy machine makes no quick job slow and takes no job's time away.
    let now = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const { backend, work, happened, lines } = await queue({
      prefetch: true,
      clock: { ...systemClock, now: () => now },
    });
    const givesBack = jest.spyOn(MemoryLeases.prototype, 'giveBack');
    const takenAtOnce: number[] = [];
    await work(async ({ payload }) => {
      if (payload !== 'blocks') return;
      takenAtOnce.push((await backend.inspect.stats(PIPELINE)).reserved);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
      now += 600;
    });
    const addAll = (payloads: readonly string[]) =>
      backend.put(
        PIPELINE,
        payloads.map((payload) => newJob(JSON.stringify(payload), { ttr: 1 })),
      );
    const completed = (count: number) =>
      until(
        `${count} are completed`,
        () => happened.filter((it) => it.startsWith('completed')).length === count,
      );
    await addAll(Array.from({ length: 50 }, () => 'quick'));
    await completed(50);
    const blocked = ['blocks', ...Array.from({ length: 20 }, () => 'quick')];
    await addAll(blocked);
    await completed(50 + blocked.length);

    expect(takenAtOnce).toEqual([blocked.length]);
    expect(givesBack.mock.calls.map(([jobs]) => jobs.length)).toEqual([blocked.length - 1]);
    expect(happened.filter((it) => !it.endsWith(' at 1'))).toEqual([]);
    expect(lines.all).toEqual([]);
  });

  it('gives back what it took ahead when it stops, without counting an attempt', async () => {
    const { add, work, backend, group } = await queue({ prefetch: true });
    for (let n = 0; n < 300; n += 1) await add('quick');
    let done = 0;
    await work(() => {
      done += 1;
      if (done === 100) group.stopReserving();
    });
    await group.drain(5);
    const { ready, reserved } = await backend.inspect.stats(PIPELINE);
    expect([ready, reserved]).toEqual([300 - done, 0]);
    const [next] = await backend.features.listing.list(PIPELINE, 'ready', { offset: 0, limit: 1 });
    expect(next).toMatchObject({ attempts: 0, timeouts: 0 });
  });

  it('buries what answers false, what throws BuryJob, and what cannot be decoded', async () => {
    const { add, work, buried, backend, happened } = await queue({ attempts: 9 });
    const no = await add('false');
    const bury = await add('bury');
    const [broken] = await put(backend, PIPELINE, [newJob('{"broken":')]);
    await work((job) => {
      if (job.payload === 'bury') throw new BuryJob('no such user');
      return false;
    });
    for (const id of [no, bury, broken!]) await buried(id);
    expect((await backend.inspect.find(no))?.reason).toBe('the handler answered false');
    expect((await backend.inspect.find(bury))?.reason).toBe('no such user');
    expect((await backend.inspect.find(broken!))?.reason).toMatch(
      /^UndecodablePayloadError: The payload cannot be decoded/,
    );
    expect(happened.filter((line) => line.startsWith('buried'))).toHaveLength(3);
  });

  it('tries again by the policy, then buries with the last error', async () => {
    const { add, work, buried, backend, happened, lines } = await queue({ attempts: 3 });
    const id = await add(1);
    await work((job) => {
      throw new Error(`attempt ${job.attempt}`);
    });
    await buried(id);
    expect((await backend.inspect.find(id))?.reason).toMatch(/^Error: attempt 3\n/);
    const ends = happened.filter((line) => !line.startsWith('started'));
    expect(ends).toEqual([`retried ${id} at 1`, `retried ${id} at 2`, `buried ${id} at 3`]);
    expect(
      lines.matching(/^warn Job 1 of mail ended attempt 1 and is tried again in 0\.0 s: Error: attempt 1$/),
    ).toHaveLength(1);
  });

  it('counts no attempt and logs no warning of a release that the handler asked for', async () => {
    const { add, work, gone, lines, happened, events } = await queue();
    const planned: unknown[] = [];
    events.on('retried', (event) => planned.push(event.planned));
    const id = await add(1);
    let starts = 0;
    await work(() => {
      starts += 1;
      if (starts < 4) throw new ReleaseJob();
    });
    await gone(id);
    expect(happened.filter((line) => line.startsWith('started'))).toEqual(
      Array(4).fill(`started ${id} at 1`),
    );
    expect(planned).toEqual([true, true, true]);
    expect(lines.matching(/^warn /)).toEqual([]);
  });

  it('buries what fails, however often it waited in between', async () => {
    const { add, work, buried, lines, events } = await queue({ attempts: 2 });
    const planned: unknown[] = [];
    events.on('retried', (event) => planned.push(event.planned));
    const id = await add(1);
    let starts = 0;
    await work((job) => {
      starts += 1;
      if (starts % 3 > 0) throw new ReleaseJob();
      throw new Error(`attempt ${job.attempt}`);
    });
    await buried(id);
    expect(starts).toBe(6);
    expect(planned).toEqual([true, true, undefined, true, true]);
    expect(lines.matching(/^warn .* ended attempt 1 .*: Error: attempt 1$/)).toHaveLength(1);
    expect(lines.matching(/^error .* is buried at attempt 2/)).toHaveLength(1);
  });

  it('buries a job that loses its workers, however often it waited in between', async () => {
    let now = Date.now();
    const { backend, add, work, buried } = await queue({
      maxLost: 2,
      clock: { ...systemClock, now: () => now },
    });
    const id = await add(1);
    for (let lost = 0; lost < 2; lost += 1) {
      const leases = await backend.lease([PIPELINE]);
      const never = new AbortController().signal;
      const [first] = await leases.reserve(1, 0, never);
      await leases.settle([{ job: first!, outcome: 'release', delay: 0, planned: true }], 0);
      const [second] = await leases.reserve(1, 0, never);
      // As a worker does with a job near its limit.
      if (lost === 1) await leases.loneRuns?.begin(second!);
      now += 90_000;
      await leases.close();
    }
    await work(() => undefined);
    await buried(id);
    expect((await backend.inspect.find(id))?.reason).toBe('its worker was lost 2 times while it ran');
  });

  it('follows a policy of the job itself before that of the processor, and the processor for the rest', async () => {
    const { backend, work, buried } = await queue({ attempts: 2, backoff: 0 });
    const add = async (options: JobOptions) => (await put(backend, PIPELINE, [newJob('1', options)]))[0]!;
    const [own, nonsense] = [
      await add({ attempts: 4 }),
      (await put(backend, PIPELINE, [{ ...newJob('1'), retry: '{"attempts":"many"}' }]))[0]!,
    ];
    const waiting = await add({ backoff: { type: 'fixed', delay: 60 } });
    const runs: string[] = [];
    await work((job) => {
      runs.push(job.id);
      throw new Error('no');
    });
    await buried(own);
    await buried(nonsense);
    const runsOf = (id: string) => runs.filter((run) => run === id).length;
    expect([runsOf(own), runsOf(nonsense), runsOf(waiting)]).toEqual([4, 2, 1]);
    expect((await backend.inspect.find(waiting))?.delay).toBeGreaterThan(50);
  });

  it('releases with the delay and priority that a handler asks for', async () => {
    const { add, work, backend } = await queue();
    const id = await add(1);
    await work(() => {
      throw new ReleaseJob({ delay: 60, priority: 7 });
    });
    await until('it is delayed', async () => (await backend.inspect.find(id))?.state === 'delayed');
    expect(await backend.inspect.find(id)).toMatchObject({ priority: 7, attempts: 0 });
  });

  it('fails an attempt that takes longer than the timeout, and aborts its signal', async () => {
    const { add, work, buried, backend } = await queue({ timeout: 0.05 });
    const id = await add(1);
    let reason: unknown;
    await work(async (job) => {
      await sleep(60, job.signal);
      reason = job.signal.reason;
    });
    await buried(id);
    expect((await backend.inspect.find(id))?.reason).toMatch(
      /^HandlerTimeoutError: The handler took longer than its timeout of 0\.05 s/,
    );
    expect(reason).toMatchObject({ code: 'HANDLER_TIMEOUT' });
  });

  it('renews the reservation of a handler that takes longer than the ttr', async () => {
    const { add, work, gone, happened } = await queue();
    const id = await add(1, { ttr: 3 });
    // Renewed after 1.5 s, it would be lost before the end if that were all.
    await work(() => sleep(5.5));
    await gone(id);
    expect(happened).toEqual([`started ${id} at 1`, `completed ${id} at 1`]);
  });

  it('starts as many as it may, however long a handler computes before its first await', async () => {
    const { add, work, happened } = await queue({ concurrency: 20 });
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    for (let number = 0; number < 20; number += 1) await add(number);
    await work(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      return held;
    });
    await until('all are started', () => happened.filter((it) => it.startsWith('started')).length === 20);
    release();
    await until('all have ended', () => happened.filter((it) => it.startsWith('completed')).length === 20);
  });

  it('renews a long job that starts after many quick ones ended in one go', async () => {
    const { backend, work, happened } = await queue({ prefetch: true });
    let quick = 0;
    await work(async ({ payload }) => {
      if (payload === 'long') return sleep(5);
      // Blocks, so that the timer of the renewals fires between two slices, while nothing runs.
      if (++quick % 100 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 260);
    });
    const ended = (count: number) =>
      until(
        `${count} are completed`,
        () => happened.filter((it) => it.startsWith('completed')).length === count,
        { within: 20 },
      );
    const jobs = [...Array.from({ length: 400 }, () => 'quick'), 'long'];
    await backend.put(
      PIPELINE,
      jobs.map((payload) => newJob(JSON.stringify(payload), { ttr: 3 })),
    );
    await ended(jobs.length);
    expect(happened.filter((it) => it.startsWith('lost'))).toEqual([]);
    expect(happened.filter((it) => it.startsWith('started'))).toHaveLength(jobs.length);
  });

  it('starts none after the drain, when the backend was slow to open its leases', async () => {
    let answer = (): void => {};
    const slow = new Promise<void>((resolve) => (answer = resolve));
    const { add, work, group, backend, happened } = await queue({
      around: (it) =>
        Object.assign(Object.create(it) as QueueBackend, {
          lease: async (pipelines: readonly string[]) => {
            await slow;
            return it.lease(pipelines);
          },
        }),
    });
    await add('late');
    const started = work(() => undefined);
    const drained = group.drain(1);
    answer();
    await expect(started).rejects.toThrow(BackendClosedError);
    await drained;
    expect(happened).toEqual([]);
    expect(await backend.inspect.stats(PIPELINE)).toMatchObject({ ready: 1, reserved: 0 });
  });

  it('tells a handler whose reservation is lost, and settles nothing for it', async () => {
    const { add, work, backend, happened } = await queue({
      around: leasing((leases, { inspect }) => ({
        // A renewal that comes too late, every time.
        renew: async (jobs) => {
          await until(
            'the time to run is over',
            async () => (await inspect.find(jobs[0]!.id))?.state === 'ready',
          );
          return leases.renew(jobs);
        },
      })),
    });
    const id = await add(1, { ttr: 1 });
    const reasons: unknown[] = [];
    await work(async (job) => {
      if (reasons.length > 0) return;
      await sleep(10, job.signal);
      reasons.push(job.signal.reason);
    });
    await until('the second run has deleted it', async () => (await backend.inspect.find(id)) === undefined, {
      within: 10,
    });
    expect(reasons).toEqual([expect.any(ReservationLostError)]);
    expect(happened).toEqual([
      `started ${id} at 1`,
      `lost ${id} at 1`,
      `stalled ${id} at 1`,
      `started ${id} at 1`,
      `completed ${id} at 1`,
    ]);
  });

  it('runs a job alone whose next loss would bury it, and gives the others back meanwhile', async () => {
    const { add, work, backend, gone } = await queue({ concurrency: 3, prefetch: true, maxLost: 2 });
    const killer = await backend.lease([PIPELINE]);
    const suspect = await add('suspect', { ttr: 1 });
    await killer.reserve(1, 0, AbortSignal.abort());
    await until('its time is over', async () => (await backend.inspect.find(suspect))?.timeouts === 1);
    for (let n = 0; n < 20; n += 1) await add('other');
    const running = new Set<unknown>();
    const beside: number[] = [];
    let held = 0;
    await work(async (job) => {
      running.add(job.id);
      if (job.payload === 'suspect') held = (await backend.inspect.stats(PIPELINE)).reserved;
      await macrotask();
      if (job.payload === 'suspect') beside.push(running.size - 1);
      running.delete(job.id);
    });
    await gone(suspect);
    expect([beside, held]).toEqual([[0], 1]);
    await until('the others are done', async () => (await backend.inspect.pipelines()).length === 0);
  });

  it('buries a job that was lost maxLost times, and once more for each kick', async () => {
    const { add, work, buried, backend } = await queue({ maxLost: 1 });
    const id = await add(1, { ttr: 1 });
    const killer = await backend.lease([PIPELINE]);
    const lose = async () => {
      await killer.reserve(1, 0, AbortSignal.abort());
      await until('its time is over', async () => (await backend.inspect.find(id))?.state === 'ready');
    };
    await lose();
    const runs: number[] = [];
    await work((job) => runs.push(job.attempt));
    await buried(id);
    expect(runs).toEqual([]);
    expect((await backend.inspect.find(id))?.reason).toBe('its worker was lost 1 times while it ran');
    await backend.admin.kickJob(id);
    await until('it ran', () => runs.length === 1);
  });

  it('lets a running handler end when it stops, reserves nothing more, and adds from handlers while it drains', async () => {
    const { add, work, group, backend } = await queue();
    const first = await add('first');
    const second = await add('second');
    let release = (): void => {};
    const running = new Promise<void>((resolve) => {
      void work(async () => {
        resolve();
        await new Promise<void>((end) => (release = end));
        await add('third');
      });
    });
    await running;
    const drained = group.drain(5);
    release();
    await drained;
    expect(await backend.inspect.find(first)).toBeUndefined();
    expect(await backend.inspect.find(second)).toMatchObject({ state: 'ready', attempts: 0 });
    expect(await backend.inspect.stats(PIPELINE)).toMatchObject({ ready: 2, reserved: 0 });
  });

  it('aborts handlers at the deadline, gives their jobs back without counting an attempt, and tells it', async () => {
    const { add, work, group, backend, lines, happened } = await queue({ concurrency: 2 });
    const heeds = await add('heeds');
    const stubborn = await add('stubborn');
    const reasons: unknown[] = [];
    let started = 0;
    await work(async (job) => {
      started += 1;
      if (job.payload === 'stubborn') return new Promise(() => undefined);
      await sleep(60, job.signal);
      reasons.push(job.signal.reason);
      throw new Error('interrupted');
    });
    await until('both run', () => started === 2);
    await group.drain(0.05);
    expect(reasons).toEqual([expect.any(WorkerStoppedError)]);
    expect(happened.filter((line) => line.startsWith('lost')).sort()).toEqual([
      `lost ${heeds} at 1`,
      `lost ${stubborn} at 1`,
    ]);
    for (const id of [heeds, stubborn]) {
      expect(await backend.inspect.find(id)).toMatchObject({ state: 'ready', attempts: 0, timeouts: 0 });
    }
    expect(
      lines.matching(/^warn 2 jobs had not ended after 0\.05 s, and will run again \(.*\): mail 1, mail 2$/),
    ).toHaveLength(1);
  });

  it.each([
    ['refuses', () => Promise.reject(new BackendUnavailableError('memory', 'the cable is out'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('tells that a run is lost when it stops while the backend %s to settle it', async (_, settle) => {
    const { add, work, group, lines, happened } = await queue({ around: leasing(() => ({ settle })) });
    const id = await add(1);
    let ended = false;
    await work(() => void (ended = true));
    await until('the handler has ended', () => ended);
    await group.drain(0.05);
    expect(happened).toEqual([`started ${id} at 1`, `lost ${id} at 1`]);
    expect(
      lines.matching(
        /^error Jobs have ended but could not be settled, and run again when their ttr is over \(\S+ 1\): /,
      ),
    ).toHaveLength(1);
  });

  it('goes on after an outage, settles what has ended meanwhile, and says so in two lines', async () => {
    let broken = false;
    const { add, work, gone, lines } = await queue({
      around: leasing((leases) => {
        const cable = async (): Promise<void> => {
          if (broken) throw new BackendUnavailableError('memory', 'the cable is out');
        };
        return {
          reserve: (...request) => cable().then(() => leases.reserve(...request)),
          settle: (...request) => cable().then(() => leases.settle(...request)),
        };
      }),
    });
    const first = await add(1);
    await work(() => {
      if (!lines.all.length) broken = true;
    });
    await until('it has noticed', () => lines.all.length > 0);
    broken = false;
    await gone(first);
    await gone(await add(2));
    expect(lines.all).toEqual([
      'error memory does not answer, trying again until it does: The memory backend is not available: the cable is out',
      expect.stringMatching(/^log memory answers again after \d+\.\d s$/),
    ]);
  });

  it('survives a listener that throws', async () => {
    const { add, work, gone, events, lines } = await queue();
    events.on('completed', () => {
      throw new Error('the listener is broken');
    });
    const id = await add(1);
    await work(() => undefined);
    await gone(id);
    await until(
      'it is logged',
      () => lines.matching(/A listener for 'completed' failed at job 1: the listener is broken/).length === 1,
    );
  });
});
