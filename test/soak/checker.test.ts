import { check, type Remains } from './checker';
import type { Entry, HistoryEvent } from './history';

/* Each false history breaks one promise, and the checker has to say which. */

const ONE = 101;
const OTHER = 102;
const THIRD = 103;

type Told = readonly [at: number, pid: number, event: HistoryEvent];

function brokenBy(told: readonly Told[], remains: Partial<Remains> = {}): string[] {
  const entries = told.map(([at, pid, event]): Entry => ({ ...event, pid, at }));
  const all = {
    buried: new Set<number>(),
    effects: new Map<number, number>(),
    notesLoneRuns: true,
    ...remains,
  };
  return check(entries, all).map(({ rule }) => rule);
}

const added: Told[] = [
  [0, 1, { kind: 'adding', task: 7, nature: 'plain' }],
  [0.1, 1, { kind: 'added', task: 7 }],
];

function run(pid: number, from: number, to: number, end: 'completed' | 'lost' | 'retried'): Told[] {
  const name = `${pid} ${from}`;
  return [
    ...begun(pid, from),
    [to, pid, { kind: end === 'retried' ? 'threw' : 'returned', task: 7, run: name }],
    [to + 0.1, pid, { kind: end, task: 7 }],
  ];
}

function begun(pid: number, from: number): Told[] {
  return [
    [from, pid, { kind: 'started', task: 7 }],
    [from, pid, { kind: 'began', task: 7, run: `${pid} ${from}` }],
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
    ...begun(ONE, 1),
    [2, 1, { kind: 'trouble begins', trouble: 'network' }],
    ...run(OTHER, 7, 8, 'completed'),
    [9, 1, { kind: 'trouble ends', trouble: 'network' }],
    ...run(ONE, 1, 10, 'lost').slice(2),
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
  const history = [...added, ...run(ONE, 1, 2, 'completed').slice(0, 3)];
  expect(brokenBy(history)).toEqual(['every run ends with exactly one event']);
});

it('sees a run that was told twice', () => {
  const history: Told[] = [...added, ...run(ONE, 1, 2, 'completed'), [3, ONE, { kind: 'lost', task: 7 }]];
  expect(brokenBy(history)).toContain('every run ends with exactly one event');
});

it('sees an event that is not that of the run', () => {
  const told = run(ONE, 1, 2, 'completed').at(-1)!;
  const history: Told[] = [
    ...added,
    ...begun(ONE, 1),
    [2, ONE, { kind: 'threw', task: 7, run: `${ONE} 1` }],
    told,
  ];
  expect(brokenBy(history)).toContain('the event is that of the run');
});

it('sees a job that is told retried although its handler returned', () => {
  const history: Told[] = [
    ...added,
    ...run(ONE, 1, 2, 'completed').slice(0, 3),
    [2.1, ONE, { kind: 'retried', task: 7 }],
    ...run(ONE, 3, 4, 'completed'),
  ];
  expect(brokenBy(history)).toEqual(['the event is that of the run']);
});

it('accepts a run that is lost before its handler is called, and one after it in the same process', () => {
  const history: Told[] = [
    ...added,
    [1, 1, { kind: 'trouble begins', trouble: 'network' }],
    [1, ONE, { kind: 'started', task: 7 }],
    [2, ONE, { kind: 'lost', task: 7 }],
    [2, 1, { kind: 'trouble ends', trouble: 'network' }],
    ...run(ONE, 3, 4, 'completed'),
  ];
  expect(brokenBy(history)).toEqual([]);
});

it('sees an event that no run was started for', () => {
  const history: Told[] = [...added, [1, OTHER, { kind: 'lost', task: 7 }], ...run(ONE, 2, 3, 'completed')];
  expect(brokenBy(history)).toEqual(['every event is that of a run']);
});

it('sees a completed job that runs once more', () => {
  const history = [...added, ...run(ONE, 1, 2, 'completed'), ...run(OTHER, 3, 4, 'retried')];
  expect(brokenBy(history)).toEqual(['a completed job runs no more']);
});

it('sees a job that is completed twice', () => {
  const history = [...added, ...run(ONE, 1, 2, 'completed'), ...run(OTHER, 3, 4, 'completed')];
  expect(brokenBy(history)).toEqual(['a job is completed once', 'a completed job runs no more']);
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

it('accepts that a released job is handed on before its worker has heard of the release', () => {
  const history: Told[] = [
    ...added,
    ...run(ONE, 1, 2, 'retried').slice(0, 3),
    ...run(OTHER, 2.05, 3, 'completed').slice(0, 2),
    [2.1, ONE, { kind: 'retried', task: 7 }],
    ...run(OTHER, 2.05, 3, 'completed').slice(2),
  ];
  expect(brokenBy(history)).toEqual([]);
});

it('accepts that a released job comes back before its worker has heard of the release', () => {
  const history: Told[] = [
    ...added,
    ...run(ONE, 1, 2, 'retried').slice(0, 3),
    ...run(ONE, 2.5, 3, 'completed').slice(0, 3),
    [3.1, ONE, { kind: 'retried', task: 7 }],
    [3.2, ONE, { kind: 'completed', task: 7 }],
  ];
  expect(brokenBy(history)).toEqual([]);
});

it('sees a job that starts elsewhere before its handler has ended', () => {
  const history: Told[] = [
    ...added,
    ...begun(ONE, 1),
    ...run(OTHER, 1.5, 3, 'completed').slice(0, 2),
    ...run(ONE, 1, 2, 'retried').slice(2),
    ...run(OTHER, 1.5, 3, 'completed').slice(2),
  ];
  expect(brokenBy(history)).toEqual(['a job has one lease']);
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
    [5, OTHER, { kind: 'started', task: 7 }],
    [5, OTHER, { kind: 'buried', task: 7 }],
  ];
  expect(brokenBy(history, { buried: new Set([7]) })).toEqual(['no innocent job is buried']);
});

it('sees an innocent job that is buried because its process stood still', () => {
  const history: Told[] = [
    ...added,
    ...begun(ONE, 1),
    [2, 1, { kind: 'trouble begins', trouble: 'stopped', worker: ONE }],
    [8, OTHER, { kind: 'started', task: 7 }],
    [8, OTHER, { kind: 'buried', task: 7 }],
    [9, 1, { kind: 'trouble ends', trouble: 'stopped', worker: ONE }],
    [9.1, ONE, { kind: 'lost', task: 7 }],
  ];
  expect(brokenBy(history, { buried: new Set([7]) })).toEqual(['no innocent job is buried']);
});

describe('an innocent job whose process ended in order, and that is buried then', () => {
  const history = (troubleEnds: number): Told[] => [
    ...added,
    ...begun(ONE, 1),
    [2, 1, { kind: 'trouble begins', trouble: 'server' }],
    [3, ONE, { kind: 'lost', task: 7 }],
    [troubleEnds, 1, { kind: 'trouble ends', trouble: 'server' }],
    [5, 1, { kind: 'ended', worker: ONE }],
    [8, OTHER, { kind: 'started', task: 7 }],
    [8, OTHER, { kind: 'buried', task: 7 }],
  ];

  it('is accepted when nobody heard that it was given back', () => {
    expect(brokenBy(history(6), { buried: new Set([7]) })).toEqual([]);
  });

  it('is seen when the server was back before its end', () => {
    expect(brokenBy(history(4), { buried: new Set([7]) })).toEqual(['no innocent job is buried']);
  });
});

it('accepts that an innocent job is buried whose last process was killed', () => {
  const history: Told[] = [
    ...added,
    ...begun(ONE, 1),
    [2, 1, { kind: 'killed', worker: ONE }],
    [8, OTHER, { kind: 'started', task: 7 }],
    [8, OTHER, { kind: 'buried', task: 7 }],
  ];
  expect(brokenBy(history, { buried: new Set([7]) })).toEqual([]);
});

describe('an innocent job that is buried when the process that was to do it has died of another one', () => {
  const history = (how: 'killed' | 'killed itself'): Told[] => [
    ...added,
    ...begun(ONE, 1),
    [2, 1, { kind: how, worker: ONE }],
    [8, OTHER, { kind: 'started', task: 7 }],
    [8.5, 1, { kind: 'killed itself', worker: OTHER }],
    [15, THIRD, { kind: 'started', task: 7 }],
    [15, THIRD, { kind: 'buried', task: 7 }],
  ];

  it('is accepted when its own process was killed before', () => {
    expect(brokenBy(history('killed'), { buried: new Set([7]) })).toEqual([]);
  });

  it('is seen when that one died of another job, too', () => {
    expect(brokenBy(history('killed itself'), { buried: new Set([7]) })).toEqual([
      'no innocent job is buried',
    ]);
  });
});

describe('an innocent job that a broken network has lost three times, and that is buried then', () => {
  const network = (from: number, to: number): Told[] => [
    [from, 1, { kind: 'trouble begins', trouble: 'network' }],
    [to, 1, { kind: 'trouble ends', trouble: 'network' }],
  ];
  const burial: Told[] = [
    [60, OTHER, { kind: 'started', task: 7 }],
    [60, OTHER, { kind: 'buried', task: 7 }],
  ];
  const lost = [...run(ONE, 1, 5, 'lost'), ...run(OTHER, 21, 25, 'lost'), ...run(ONE, 41, 45, 'lost')];
  const broken = [...network(2, 4), ...network(22, 24), ...network(42, 44)];

  it('is seen where lone runs are noted', () => {
    const history = [...added, ...lost, ...broken, ...burial];
    expect(brokenBy(history, { buried: new Set([7]) })).toEqual(['no innocent job is buried']);
  });

  it('is accepted where they are not', () => {
    const history = [...added, ...lost, ...broken, ...burial];
    expect(brokenBy(history, { buried: new Set([7]), notesLoneRuns: false })).toEqual([]);
  });

  it('is accepted there, too, when it was lost the third time before it had started', () => {
    const history = [...added, ...lost.slice(0, 2 * 4), ...broken.slice(0, 4), ...network(50, 55), ...burial];
    expect(brokenBy(history, { buried: new Set([7]), notesLoneRuns: false })).toEqual([]);
  });

  it('is seen there, too, when one loss has no such reason', () => {
    const history = [...added, ...lost, ...broken.slice(0, 4), ...burial];
    expect(brokenBy(history, { buried: new Set([7]), notesLoneRuns: false })).toContain(
      'no innocent job is buried',
    );
  });
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
