import type { JournalEntry } from './journal';

/** The runs of one job in one process. */
interface Runs {
  readonly task: number;
  readonly pid: number;
  readonly started: number;
  readonly handled: number;
  /** Settled, and the worker was told so. */
  readonly settled: number;
  /** The worker was told that the job is no longer its. */
  readonly lost: number;
}

/** What the journal says of the jobs of a scene. */
export class Verdict {
  private readonly runs: readonly Runs[];

  /** `dead` are the processes that had no time to settle what they held. */
  constructor(
    private readonly entries: readonly JournalEntry[],
    private readonly dead: ReadonlySet<number>,
  ) {
    this.runs = grouped(entries, ({ pid, task }) => `${pid} ${task}`).map(runsOf);
  }

  get handled(): Set<number> {
    return this.tasks('handled');
  }

  get buried(): Set<number> {
    return this.tasks('buried');
  }

  /** Jobs that still run, or whose end their worker has not been told. */
  get running(): number[] {
    return this.runs.filter((runs) => !this.dead.has(runs.pid) && untold(runs) > 0).map(({ task }) => task);
  }

  /** How many runs lost their reservation. */
  get mayBeTwice(): number {
    return sum(this.runs.map((runs) => this.losses(runs)));
  }

  /** How often a job was handled once more. */
  get twice(): number {
    return sum(this.byTask().map((all) => Math.max(0, timesHandled(all) - 1)));
  }

  /** Jobs that were handled more often than runs of theirs lost the reservation. */
  get wronglyTwice(): number[] {
    return this.byTask()
      .filter((all) => timesHandled(all) > 1 + sum(all.map((runs) => this.losses(runs))))
      .map(([{ task }]) => task);
  }

  private losses(runs: Runs): number {
    return runs.lost + (this.dead.has(runs.pid) ? untold(runs) : 0);
  }

  private byTask(): Group<Runs>[] {
    return grouped(this.runs, ({ task }) => task);
  }

  private tasks(event: JournalEntry['event']): Set<number> {
    return new Set(this.entries.filter((entry) => entry.event === event).map(({ task }) => task));
  }
}

function runsOf(entries: Group<JournalEntry>): Runs {
  const [{ task, pid }] = entries;
  const count = (...events: JournalEntry['event'][]) =>
    entries.filter(({ event }) => events.includes(event)).length;
  return {
    task,
    pid,
    started: count('started'),
    handled: count('handled'),
    settled: count('completed', 'retried', 'buried'),
    lost: count('lost'),
  };
}

/** A job that is buried before its handler starts is settled and has not been started. */
function untold({ started, settled, lost }: Runs): number {
  return Math.max(0, started - settled - lost);
}

function timesHandled(runs: readonly Runs[]): number {
  return sum(runs.map(({ handled }) => handled));
}

type Group<T> = [T, ...T[]];

function grouped<T>(all: readonly T[], key: (one: T) => unknown): Group<T>[] {
  const groups = new Map<unknown, Group<T>>();
  for (const one of all) {
    const group = groups.get(key(one));
    if (group) group.push(one);
    else groups.set(key(one), [one]);
  }
  return [...groups.values()];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
