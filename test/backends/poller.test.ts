import { pauseAfter, Poller } from '../../lib/backends/sql/ready/poller';
import { type Waiter, Waiters } from '../../lib/backends/sql/ready/waiters';
import { BackendRefusedError, BackendUnavailableError } from '../../lib/core/contract/errors';
import { coded } from '../support/coded';
import { until } from '../support/until';

/** Somebody who waits for jobs of the pipelines, for as long as the test says so. */
function waiter(...pipelines: string[]): Waiter & { waiting: boolean; woken: number; failed: Error[] } {
  const one = {
    pipelines,
    waiting: true,
    woken: 0,
    failed: [] as Error[],
    wake: () => void (one.woken += 1),
    fail: (error: Error) => void one.failed.push(error),
  };
  return one;
}

function pollerOf(waiters: Waiters, ready: (pipelines: readonly string[]) => Promise<readonly string[]>) {
  const state = { needed: true, asked: [] as (readonly string[])[] };
  const poller = new Poller(
    (pipelines) => {
      state.asked.push(pipelines);
      return ready(pipelines);
    },
    waiters,
    () => state.needed,
  );
  return { poller, state };
}

/** Milliseconds between the last two looks. */
function pauseAtLast(looks: readonly number[]): number {
  const [before = Infinity, last = 0] = looks.slice(-2);
  return last - before;
}

describe('the poller', () => {
  it('asks for all pipelines in which somebody waits, and wakes those who have jobs there', async () => {
    const waiters = new Waiters();
    const [mail, letters, busy] = [waiter('mail', 'parcels'), waiter('letters'), waiter('reports')];
    for (const one of [mail, letters, busy]) waiters.add(one);
    busy.waiting = false;
    const { poller, state } = pollerOf(waiters, () => Promise.resolve(['parcels']));
    poller.start();
    await until('it has asked', () => mail.woken > 0);
    poller.stop();
    expect(state.asked[0]).toEqual(['mail', 'parcels', 'letters']);
    expect(letters.woken).toBe(0);
  });

  it.each([
    [0, 0.003],
    [0.02, 0.005],
    [0.2, 0.05],
    [2, 0.5],
    [4, 1],
    [3600, 1],
  ])('after %d s in which nothing has happened it asks within %d s', (quiet, pause) => {
    expect(pauseAfter(quiet)).toBeCloseTo(pause, 6);
  });

  it('asks soon again after it has found a job: the next one may come soon', async () => {
    const waiters = new Waiters();
    waiters.add(waiter('mail'));
    const asked: number[] = [];
    let found: number | undefined;
    const { poller } = pollerOf(waiters, () => {
      asked.push(performance.now());
      if (found !== undefined || pauseAtLast(asked) < 100) return Promise.resolve([]);
      found = asked.length;
      return Promise.resolve(['mail']);
    });
    poller.start();
    await until('it has found a job', () => found !== undefined);
    // Pauses that had only grown would all be longer.
    await until('it asks soon again', () => pauseAtLast(asked) < 50);
    poller.stop();
    expect(asked.length).toBeGreaterThan(found as number);
  });

  it('asks no more when nobody waits, or word of jobs arrives by itself, and again when somebody begins to', async () => {
    const waiters = new Waiters();
    const mail = waiter('mail');
    waiters.add(mail);
    const { poller, state } = pollerOf(waiters, () => {
      mail.waiting = false;
      return Promise.resolve(['mail']);
    });
    poller.start();
    await until('it has asked', () => mail.woken === 1);
    mail.waiting = true;
    poller.hurry();
    poller.start();
    await until('it has asked again', () => mail.woken === 2);
    state.needed = false;
    mail.waiting = true;
    const asked = state.asked.length;
    poller.start();
    expect(state.asked).toHaveLength(asked);
    poller.stop();
  });

  it('tells everybody when the database does not answer, and goes on asking', async () => {
    const waiters = new Waiters();
    const [mail, letters] = [waiter('mail'), waiter('letters')];
    waiters.add(mail);
    waiters.add(letters);
    const { poller, state } = pollerOf(waiters, () =>
      Promise.reject(new BackendUnavailableError('sqlite', 'gone')),
    );
    poller.start();
    await until('it has asked again', () => state.asked.length >= 3);
    poller.stop();
    // Once, however often it asks within some seconds.
    expect([mail.failed, letters.failed]).toEqual([
      [coded('BACKEND_UNAVAILABLE')],
      [coded('BACKEND_UNAVAILABLE')],
    ]);
  });

  it('tells a refusal once, and wakes everybody then: there may be jobs all the same', async () => {
    const waiters = new Waiters();
    const mail = waiter('mail');
    waiters.add(mail);
    const { poller } = pollerOf(waiters, () => Promise.reject(new BackendRefusedError('sqlite', 'no')));
    poller.start();
    await until('it was refused again', () => mail.woken > 1);
    poller.stop();
    expect(mail.failed).toEqual([coded('BACKEND_REFUSED')]);
  });

  it('leaves out a question that somebody else has just asked', async () => {
    const waiters = new Waiters();
    waiters.add(waiter('mail'));
    const { poller, state } = pollerOf(waiters, () => Promise.resolve([]));
    poller.start();
    for (let times = 0; times < 20; times += 1) poller.skip();
    expect(state.asked).toEqual([]);
    poller.stop();
  });
});
