import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Clock, memoryBackend } from '../../lib/testing';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { put } from '../support/put';

backendConformance('memory', async () => {
  const backend = memoryBackend();
  await backend.connect();
  return { backend, close: () => backend.close() };
});

/** Time that passes only when the test says so. */
class SteppedClock implements Clock {
  private time = Date.UTC(2030, 0, 1);
  private readonly scheduled = new Map<() => void, number>();

  get timers(): number {
    return this.scheduled.size;
  }

  now(): number {
    return this.time;
  }

  schedule(callback: () => void, delay: number): () => void {
    this.scheduled.set(callback, this.time + delay);
    return () => this.scheduled.delete(callback);
  }

  pass(seconds: number): void {
    this.time += seconds * 1000;
    for (const [callback, at] of [...this.scheduled]) if (at <= this.time) callback();
  }
}

describe('a loop of looks in memory', () => {
  it.each<[string, (backend: ReturnType<typeof memoryBackend>) => Promise<unknown>]>([
    ['peek', ({ inspect }) => inspect.peek('mail', 'ready')],
    ['stats', ({ inspect }) => inspect.stats('mail')],
    ['pipelines', ({ inspect }) => inspect.pipelines()],
    ['list', ({ features }) => features.listing.list('mail', 'ready', { offset: 0, limit: 1 })],
    ['find a key', ({ features }) => features.uniqueKeys.find('mail', 'key')],
    ['find a kept job', ({ features }) => features.history.find('1')],
    ['progress', ({ features }) => features.journal.progress('1')],
    ['fates', ({ features }) => features.waiting.fates(['1'])],
  ])('lets timers run: %s', async (_, look) => {
    const backend = memoryBackend();
    await backend.connect();
    let rung = false;
    setTimeout(() => (rung = true), 1);
    const end = performance.now() + 5000;
    while (!rung && performance.now() < end) await look(backend);
    expect(rung).toBe(true);
    await backend.close();
  });
});

describe('memory', () => {
  const job = { payload: '1', priority: 0, delay: 0, ttr: 60 };
  const hour = 3600;

  async function open() {
    const clock = new SteppedClock();
    const backend = memoryBackend({ clock });
    await backend.connect();
    const consumer = await backend.lease(['mail']);
    const reserve = (wait: number, signal = new AbortController().signal) =>
      consumer.reserve(1, wait, signal);
    return { clock, backend, consumer, reserve };
  }

  it('takes its time from the clock that it is given', async () => {
    const { clock, backend, reserve } = await open();
    const [id] = await put(backend, 'mail', [{ ...job, delay: hour }]);
    clock.pass(hour - 1);
    expect(await backend.inspect.find(id!)).toMatchObject({ state: 'delayed', delay: 1 });
    expect(await reserve(0)).toEqual([]);
    clock.pass(1);
    expect(await reserve(0)).toMatchObject([{ id, addedAt: new Date(Date.UTC(2030, 0, 1)) }]);
    clock.pass(60);
    expect(await backend.inspect.find(id!)).toMatchObject({ state: 'ready', timeouts: 1 });
  });

  it('wakes who waits when a delay, a reservation or a pause ends', async () => {
    const { clock, backend, consumer, reserve } = await open();
    await backend.put('mail', [{ ...job, delay: 10 }]);
    let coming = reserve(hour);
    clock.pass(10);
    expect(await coming).toHaveLength(1);
    coming = reserve(hour);
    clock.pass(60);
    const [again] = await coming;
    expect(again).toMatchObject({ attempt: 1, timeouts: 1 });
    await consumer.settle([{ job: again!, outcome: 'release', delay: 0 }], 0);
    await backend.admin.pause('mail', 30);
    coming = reserve(hour);
    clock.pass(30);
    expect(await coming).toHaveLength(1);
  });

  it('has a timer only while somebody waits', async () => {
    const { clock, backend, consumer, reserve } = await open();
    await backend.put('mail', [{ ...job, delay: hour }]);
    expect(clock.timers).toBe(0);
    const abort = new AbortController();
    const aborted = reserve(hour, abort.signal);
    expect(clock.timers).toBe(1);
    abort.abort();
    await aborted;
    expect(clock.timers).toBe(0);
    const closed = reserve(hour);
    await consumer.close();
    expect(await closed).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('waits longer than a system timer can', async () => {
    const backend = memoryBackend();
    await backend.connect();
    const consumer = await backend.lease(['mail']);
    await backend.put('mail', [{ ...job, delay: 1000 * hour }]);
    const abort = new AbortController();
    const coming = consumer.reserve(1, 2000 * hour, abort.signal);
    const moment = new Promise((resolve) => setTimeout(resolve, 10, 'a moment'));
    expect(await Promise.race([coming, moment])).toBe('a moment');
    abort.abort();
    await coming;
  });

  it('still has its jobs when it is closed and connected again', async () => {
    const { backend, consumer } = await open();
    const [id] = await put(backend, 'mail', [job]);
    await consumer.close();
    await backend.close();
    await expect(backend.inspect.find(id!)).rejects.toMatchObject({ code: 'BACKEND_CLOSED' });
    await backend.connect();
    expect(await backend.inspect.find(id!)).toMatchObject({ state: 'ready' });
  });

  it('keeps the reason of a burial until the job is kicked', async () => {
    const { backend, consumer, reserve } = await open();
    const [id] = await put(backend, 'mail', [job]);
    const [reserved] = await reserve(0);
    await consumer.settle([{ job: reserved!, outcome: 'bury', reason: 'no address' }], 0);
    expect((await backend.inspect.find(id!))?.reason).toBe('no address');
    await backend.admin.kickJob(id!);
    expect(await backend.inspect.find(id!)).not.toHaveProperty('reason');
  });
});

it('kept jobs in memory that are too many go also while nobody looks', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const backend = memoryBackend();
  await backend.connect();
  const leases = await backend.lease(['mail']);
  const before = heap();
  for (let jobs = 0; jobs < 20_000; jobs += 100) {
    const result = JSON.stringify(`${jobs}`.padEnd(5_000));
    await put(backend, 'mail', Array(100).fill({ payload: '1', priority: 0, delay: 0, ttr: 60 }));
    const held = await leases.reserve(100, 0, AbortSignal.abort());
    const keep = () => ({ for: Infinity, most: 10, result: Buffer.from(result).toString() });
    await leases.settle(
      held.map((job) => ({ job, outcome: 'delete', keep: keep() })),
      0,
    );
  }
  // All of them together are 100 MB.
  expect(heap() - before).toBeLessThan(20_000_000);
  await backend.close();
});
