import type { Staged, StageRequest } from '../../lib/backends/sql/engine/dialect';
import { Stager, type StagerParts } from '../../lib/backends/sql/ready/stager';
import { Waiters } from '../../lib/backends/sql/ready/waiters';
import { BackendRefusedError, BackendUnavailableError } from '../../lib/core/contract/errors';
import { until } from '../support/until';

/** Rows that are due, in order; those that begin with `bad` are refused. */
class Table {
  readonly moved: string[] = [];
  readonly buried: [id: string, reason: string][] = [];
  readonly limits: number[] = [];
  refusesBurials = false;

  constructor(public due: string[]) {}

  stage({ limit, passedOver }: StageRequest): Promise<Staged> {
    this.limits.push(limit);
    const chosen = this.due.filter((id) => !passedOver.includes(id)).slice(0, limit);
    const bad = chosen.find((id) => id.startsWith('bad'));
    if (bad !== undefined) return Promise.reject(new BackendRefusedError('sqlite', `no ${bad}`));
    const gone = new Set(chosen);
    this.due = this.due.filter((id) => !gone.has(id));
    this.moved.push(...chosen);
    const pipelines = chosen.length > 0 ? ['mail'] : [];
    return Promise.resolve({ moved: chosen.length, pipelines, next: 0, now: 0 });
  }

  first({ passedOver }: Pick<StageRequest, 'passedOver'>): Promise<string | undefined> {
    return Promise.resolve(this.due.find((id) => !passedOver.includes(id)));
  }

  bury(id: string, reason: string): Promise<void> {
    if (this.refusesBurials) return Promise.reject(new BackendRefusedError('sqlite', 'no burial'));
    this.due.splice(this.due.indexOf(id), 1);
    this.buried.push([id, reason]);
    return Promise.resolve();
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, number) => `job-${number}`);

describe('the stager', () => {
  let waiters: Waiters;
  let woken: number;
  let failed: number;
  const running: Stager[] = [];

  beforeEach(() => {
    waiters = new Waiters();
    woken = 0;
    failed = 0;
    waiters.add({
      pipelines: ['mail'],
      waiting: true,
      wake: () => void (woken += 1),
      fail: () => void (failed += 1),
    });
  });
  afterEach(() => {
    for (const stager of running.splice(0)) stager.stop();
    jest.restoreAllMocks();
  });

  function stagerOf(table: StagerParts['due']): Stager {
    const stager = new Stager({ due: table, waiters });
    running.push(stager);
    return stager;
  }

  it('moves what is due, in pieces, and wakes who waits for it', async () => {
    const table = new Table(numbered(25_000));
    stagerOf(table).expect(0);
    await until('all are moved', () => table.moved.length === 25_000);
    expect(table.limits.slice(0, 3)).toEqual([10_000, 10_000, 10_000]);
    expect(woken).toBeGreaterThan(0);
  });

  it('moves all but a row that is refused, and buries that one with the reason when it is refused again and again', async () => {
    const jobs = numbered(2000);
    jobs.splice(777, 0, 'bad-1');
    const table = new Table(jobs);
    const stager = stagerOf(table);
    stager.expect(0);
    await until('all others are moved', () => table.moved.length === 2000);
    expect(table.limits.length).toBeLessThan(60);
    expect(table.buried).toEqual([]);
    await until('it is buried', () => table.buried.length === 1);
    expect(table.buried).toEqual([['bad-1', expect.stringMatching(/could not be made ready.*no bad-1/)]]);
    table.due.push('another');
    stager.expect(0);
    await until('it goes on', () => table.moved.includes('another'));
  });

  it('passes over a row that can be neither moved nor buried', async () => {
    const table = new Table(['bad-1', 'job-1']);
    table.refusesBurials = true;
    const stager = stagerOf(table);
    stager.expect(0);
    await until('the other is moved', () => table.moved.includes('job-1'));
    const quietly = () => table.limits.slice(-3).every((limit) => limit === 10_000);
    await until('it asks no more for the row', quietly, { within: 20 });
    table.due.push('job-2');
    await until('it goes on', () => table.moved.includes('job-2'));
  });

  it('waits for no chore, which goes on beside the looks, one at a time, and is over when nothing is under way', async () => {
    const table = new Table(['job-1']);
    let begun = 0;
    let end = () => {};
    const chore = () => {
      begun += 1;
      return new Promise<void>((resolve) => (end = resolve));
    };
    const stager = new Stager({ due: table, waiters, chores: [chore] });
    running.push(stager);
    stager.expect(0);
    await until('it has begun', () => begun === 1);
    table.due.push('job-2');
    stager.expect(0);
    await until('it moves what is due meanwhile', () => table.moved.includes('job-2'));
    expect(begun).toBe(1);
    let idle = false;
    const over = stager.idle().then(() => (idle = true));
    await new Promise(setImmediate);
    expect(idle).toBe(false);
    end();
    await over;
  });

  it('takes it for no row’s fault when every row is refused', async () => {
    const table = new Table(Array.from({ length: 20 }, (_, number) => `bad-${number}`));
    stagerOf(table).expect(0);
    await until('it has looked some times', () => woken >= 4, { within: 20 });
    expect(table.buried).toEqual([]);
  });

  it('buries nobody when looks are refused whatever is due', async () => {
    const table = new Table(['job-1', 'job-2']);
    let looks = 0;
    const denied = new BackendRefusedError('postgres', 'permission denied');
    stagerOf({
      stage: () => {
        looks += 1;
        return Promise.reject(denied);
      },
      first: (request) => table.first(request),
      bury: (...args) => table.bury(...args),
    }).expect(0);
    await until('it has looked some times', () => looks >= 15, { within: 20 });
    expect(table.buried).toEqual([]);
  });

  it('tells everybody when the database does not answer, and looks again', async () => {
    let looks = 0;
    stagerOf({
      stage: () => {
        looks += 1;
        return Promise.reject(new BackendUnavailableError('sqlite', 'gone'));
      },
      first: () => Promise.resolve(undefined),
      bury: () => Promise.resolve(),
    }).expect(0);
    await until('it has looked twice', () => looks >= 2);
    expect(failed).toBe(1);
  });

  it('frees no lease by the looks that follow an outage', async () => {
    const moments: number[] = [];
    stagerOf({
      stage: ({ leasesUntil }) => {
        moments.push(leasesUntil);
        return moments.length === 1
          ? Promise.reject(new BackendUnavailableError('sqlite', 'gone'))
          : Promise.resolve({ moved: 0, pipelines: [], next: 0.01, now: Date.now() });
      },
      first: () => Promise.resolve(undefined),
      bury: () => Promise.resolve(),
    }).expect(0);
    await until('it has looked some times', () => moments.length >= 5);
    expect(moments.map((moment) => moment > 0)).toEqual([true, ...moments.slice(1).map(() => false)]);
  });

  it('frees no lease by the first looks of a process beside others, and asks for them once', async () => {
    const moments: number[] = [];
    let asked = 0;
    stagerOf({
      areWatched: () => Promise.resolve(++asked > 0),
      stage: ({ leasesUntil }) => {
        moments.push(leasesUntil);
        return Promise.resolve({ moved: 0, pipelines: [], next: 0.01, now: Date.now() });
      },
      first: () => Promise.resolve(undefined),
      bury: () => Promise.resolve(),
    }).expect(0);
    await until('it has looked some times', () => moments.length >= 3);
    expect([asked, ...moments.slice(0, 3)]).toEqual([1, 0, 0, 0]);
  });

  it('looks again after a look under way that may have been too early', async () => {
    const answers: ((staged: Staged) => void)[] = [];
    const stager = stagerOf({
      stage: () => new Promise((resolve) => answers.push(resolve)),
      first: () => Promise.resolve(undefined),
      bury: () => Promise.resolve(),
    });
    stager.expect(0);
    await until('it looks', () => answers.length === 1);
    stager.expect(0);
    await new Promise((resolve) => setTimeout(resolve, 10));
    answers[0]?.({ moved: 0, pipelines: [], next: undefined, now: 0 });
    await until('it looks again', () => answers.length === 2);
    answers[1]?.({ moved: 0, pipelines: [], next: undefined, now: 0 });
  });

  it('never sets a timer for longer than a timer can hold', () => {
    const timer = jest.spyOn(global, 'setTimeout');
    stagerOf(new Table([])).expect(4_294_967_295);
    expect(timer.mock.calls.map(([, ms]) => ms)).toEqual([expect.any(Number)]);
    expect(timer.mock.calls[0]?.[1]).toBeLessThan(2 ** 31);
  });
});
