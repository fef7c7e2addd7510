import { check, type Remains } from './checker';
import type { Entry, HistoryEvent } from './history';

/* Each false history breaks one promise, and the checker has to say which. */

const ONE = 101;
const OTHER = 102;

type Told = readonly [at: number, pid: number, event: HistoryEvent];

function brokenBy(told: readonly Told[], remains: Partial<Remains> = {}): string[] {
  const entries = told.map(([at, pid, event]): Entry => ({ ...event, pid, at }));
  const all = { buried: new Set<number>(), effects: new Map<number, number>(), ...remains };
  return check(entries, all).map(({ rule }) => rule);
}

const added: Told[] = [
  [0, 1, { kind: 'adding', task: 7, nature: 'plain' }],
  [0.1, 1, { kind: 'added', task: 7 }],
];

function run(pid: number, from: number, to: number, end: 'completed' | 'lost' | 'retried'): Told[] {
  return [
    [from, pid, { kind: 'started', task: 7 }],
    [to, pid, { kind: end === 'retried' ? 'threw' : 'returned', task: 7, run: '' }],
    [to + 0.1, pid, { kind: end, task: 7 }],
  ];
}

it('accepts a job that is handled once', () => {
  expect(brokenBy([...added, ...run(ONE, 1, 2, 'completed')])).toEqual([]);
});

it('accepts a second run after the first process was killed', () => {
  const history: Told[] = [
    ...added,
    [1, ONE, { kind: 'started', task: 7 }],
    [1.5, 1, { kind: 'killed', worker: ONE }],
    ...run(OTHER, 5, 6, 'completed'),
  ];
  expect(brokenBy(history)).toEqual([]);
});

it('accepts a lease that is lost while the network is broken', () => {
  const history: Told[] = [
    ...added,
    [1, ONE, { kind: 'started', task: 7 }],
    [2, 1, { kind: 'trouble begins', trouble: 'network' }],
    [7, OTHER, { kind: 'started', task: 7 }],
    [8, OTHER, { kind: 'returned', task: 7, run: '' }],
    [8.1, OTHER, { kind: 'completed', task: 7 }],
    [9, 1, { kind: 'trouble ends', trouble: 'network' }],
    [10, ONE, { kind: 'returned', task: 7, run: '' }],
    [10.1, ONE, { kind: 'lost', task: 7 }],
  ];
  expect(brokenBy(history)).toEqual([]);
});

it('misses a job that was added and never handled', () => {
  expect(brokenBy(added)).toEqual(['a job that was added is handled or buried']);
});

it('does not miss a job whose adding was in doubt', () => {
  const history: Told[] = [
    [0, 1, { kind: 'adding', task: 7, nature: 'plain' }],
    [0.1, 1, { kind: 'in doubt', task: 7 }],
  ];
  expect(brokenBy(history)).toEqual([]);
});

it('sees a run that nothing was told of', () => {
  const history = [...added, ...run(ONE, 1, 2, 'completed').slice(0, 2)];
  expect(brokenBy(history)).toEqual(['every run ends with exactly one event']);
});

it('sees a run that was told twice', () => {
  const history: Told[] = [...added, ...run(ONE, 1, 2, 'completed'), [3, ONE, { kind: 'lost', task: 7 }]];
  expect(brokenBy(history)).toContain('every run ends with exactly one event');
});

it('sees an event that is not that of the run', () => {
  const [started, , told] = run(ONE, 1, 2, 'completed') as [Told, Told, Told];
  const history: Told[] = [...added, started, [2, ONE, { kind: 'threw', task: 7, run: '' }], told];
  expect(brokenBy(history)).toContain('the event is that of the run');
});

it('sees a job that is completed twice', () => {
  const history = [...added, ...run(ONE, 1, 2, 'completed'), ...run(OTHER, 3, 4, 'completed')];
  expect(brokenBy(history)).toEqual(['a job is completed once']);
});

it('sees a completed job that is buried', () => {
  const history = [...added, ...run(ONE, 1, 2, 'completed')];
  expect(brokenBy(history, { buried: new Set([7]) })).toContain('a completed job is not buried');
});

it('sees two leases at the same time', () => {
  const history: Told[] = [...added, ...run(ONE, 1, 9, 'lost'), ...run(OTHER, 2, 3, 'completed')].sort(
    ([one], [other]) => one - other,
  );
  expect(brokenBy(history)).toEqual(['a job has one lease', 'a lease that holds is not told lost']);
});

it('sees a lease that is told lost without need', () => {
  const history = [...added, ...run(ONE, 1, 2, 'lost'), ...run(OTHER, 3, 4, 'completed')];
  expect(brokenBy(history)).toEqual(['a lease that holds is not told lost']);
});

it('sees an innocent job that is buried', () => {
  const history: Told[] = [
    ...added,
    [1, ONE, { kind: 'started', task: 7 }],
    [1.5, 1, { kind: 'killed itself', worker: ONE }],
    [5, OTHER, { kind: 'buried', task: 7 }],
  ];
  expect(brokenBy(history, { buried: new Set([7]) })).toEqual(['no innocent job is buried']);
});

it('sees effects that happened twice or not at all', () => {
  const effect: Told[] = [
    [0, 1, { kind: 'adding', task: 7, nature: 'effect' }],
    ...added.slice(1),
    ...run(ONE, 1, 2, 'completed'),
  ];
  expect(brokenBy(effect, { effects: new Map([[7, 1]]) })).toEqual([]);
  expect(brokenBy(effect, { effects: new Map([[7, 2]]) })).toEqual(['an effect happens once']);
  expect(brokenBy(effect)).toEqual(['an effect happens once']);
});
