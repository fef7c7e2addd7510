import type { Entry } from './history';
import { type Run, storiesOf, type TaskStory } from './runs';
import { Troubles } from './trouble';

/** What the queue and the database hold when everything is over. */
export interface Remains {
  /** The tasks of the buried jobs. */
  readonly buried: ReadonlySet<number>;
  /** How many effects each task has left in the database. */
  readonly effects: ReadonlyMap<number, number>;
  /** Whether the backend notes which runs are alone. beanstalkd does not, and counts what a network loses as well. */
  readonly notesLoneRuns: boolean;
}

/** A promise that the history shows to be broken. */
export interface Violation {
  readonly rule: string;
  readonly task: number;
  readonly detail: string;
}

/** How long a trouble goes on costing leases, in seconds: the ttr of the jobs, and the time to notice. */
const AFTERMATH = 15;
/** The default of the option `maxLost`. */
const MAX_LOST = 3;
/** From the moment at which a worker gives its jobs back to its end, in seconds. */
const TO_STOP = 5;

/**
 * Holds a history against the guarantees of the contract. The history is complete: every job has been handled or is
 * buried, and every worker has ended.
 */
export function check(entries: readonly Entry[], remains: Remains): Violation[] {
  const checker = new Checker(new Troubles(entries), remains);
  return storiesOf(entries).flatMap((story) => [...checker.violationsOf(story)]);
}

class Checker {
  constructor(
    private readonly troubles: Troubles,
    private readonly remains: Remains,
  ) {}

  *violationsOf(story: TaskStory): Generator<Violation> {
    yield* this.lostJobs(story);
    yield* this.endsOfRuns(story);
    yield* this.eventsWithoutRun(story);
    yield* this.secondEnds(story);
    yield* this.twoLeases(story);
    yield* this.falseLosses(story);
    yield* this.innocentBurials(story);
    yield* this.effects(story);
  }

  private *lostJobs({ task, acknowledged, runs }: TaskStory): Generator<Violation> {
    if (!acknowledged || this.remains.buried.has(task)) return;
    if (runs.some(({ how, ends }) => how === 'returned' || ends.includes('completed'))) return;
    yield { rule: 'a job that was added is handled or buried', task, detail: `${runs.length} runs` };
  }

  private *endsOfRuns({ task, runs }: TaskStory): Generator<Violation> {
    for (const run of runs) {
      const { ends, how } = run;
      const death = this.troubles.deathOf(run.pid);
      // It had no time to tell.
      const sudden = death !== undefined && death.how !== 'ended';
      if (ends.length > 1 || (ends.length === 0 && !sudden)) {
        yield { rule: 'every run ends with exactly one event', task, detail: shown(run) };
      }
      const [end] = ends;
      const fits =
        end === undefined ||
        end === 'lost' ||
        how === undefined ||
        (end === 'completed') === (how === 'returned');
      if (!fits) yield { rule: 'the event is that of the run', task, detail: shown(run) };
    }
  }

  private *eventsWithoutRun({ task, endsWithoutRun }: TaskStory): Generator<Violation> {
    for (const { end, pid } of endsWithoutRun) {
      yield { rule: 'every event is that of a run', task, detail: `process ${pid} told ${end}` };
    }
  }

  private *secondEnds({ task, runs }: TaskStory): Generator<Violation> {
    const completed = runs.filter(({ ends }) => ends.includes('completed'));
    if (completed.length > 1) {
      yield { rule: 'a job is completed once', task, detail: completed.map(shown).join('; ') };
    }
    const [first] = completed;
    const later = runs.find(
      ({ startedAt }) => first?.lastToldAt !== undefined && startedAt > first.lastToldAt,
    );
    if (later) {
      yield { rule: 'a completed job runs no more', task, detail: `${shown(first)}; ${shown(later)}` };
    }
    if (completed.length > 0 && this.remains.buried.has(task)) {
      yield { rule: 'a completed job is not buried', task, detail: shown(completed[0]) };
    }
  }

  private *twoLeases({ task, runs }: TaskStory): Generator<Violation> {
    for (const [index, later] of runs.entries()) {
      for (const earlier of runs.slice(0, index)) {
        if (this.leaseEnd(earlier) <= later.startedAt) continue;
        if (this.troubles.touch(earlier.pid, earlier.startedAt - AFTERMATH, later.startedAt)) continue;
        yield { rule: 'a job has one lease', task, detail: `${shown(earlier)}; ${shown(later)}` };
      }
    }
  }

  /**
   * The earliest moment at which the lease may have ended. One that was settled ends at the server, which may hand the
   * job on before the worker has heard of it: all that is known is that its handler had ended.
   */
  private leaseEnd({ pid, ends, endedAt, lastToldAt }: Run): number {
    const settled = ends.length > 0 && !ends.includes('lost');
    const told = settled ? (endedAt ?? lastToldAt) : lastToldAt;
    return told ?? this.troubles.deathOf(pid)?.at ?? endedAt ?? Infinity;
  }

  private *falseLosses({ task, runs }: TaskStory): Generator<Violation> {
    for (const run of runs) {
      if (!run.ends.includes('lost') || this.stopsAt(run)) continue;
      if (this.troubles.touch(run.pid, run.startedAt - AFTERMATH, run.lastToldAt ?? Infinity)) continue;
      yield { rule: 'a lease that holds is not told lost', task, detail: shown(run) };
    }
  }

  /** Whether its worker stopped in order then, and gave the job back. */
  private stopsAt({ pid, lastToldAt = 0 }: Run): boolean {
    const death = this.troubles.deathOf(pid);
    return death?.how === 'ended' && death.at - lastToldAt < TO_STOP;
  }

  private *innocentBurials({ task, nature, runs }: TaskStory): Generator<Violation> {
    if (!this.remains.buried.has(task) || nature === 'fails' || nature === 'poison') return;
    // The burial itself may be told as a run that never began.
    const last = runs.filter(({ ends }) => !ends.includes('buried')).at(-1);
    const death = last && this.troubles.deathOf(last.pid);
    // A job whose process is killed while it runs alone cannot be told from one that does it. A process that gets it
    // then calls no handler: it is to bury it, and may die before.
    const handled = runs.findLast(({ name }) => name !== undefined);
    if ([last, handled].some((run) => run?.ends.length === 0 && this.wasKilled(run))) return;
    // Nor one whose process ends in order while nobody hears that it gives the job back.
    if (death?.how === 'ended' && last && this.troubles.touch(last.pid, death.at, death.at)) return;
    if (!this.remains.notesLoneRuns && this.lostInTrouble(runs)) return;
    yield { rule: 'no innocent job is buried', task, detail: runs.map(shown).join('; ') };
  }

  private wasKilled({ pid }: Run): boolean {
    return this.troubles.deathOf(pid)?.how === 'killed';
  }

  /** Whether so many of its losses are explained by something that was broken that they bury a job. */
  private lostInTrouble(runs: readonly Run[]): boolean {
    const explained = runs.filter(
      ({ pid, startedAt, lastToldAt = startedAt + AFTERMATH, ends }) =>
        !ends.includes('buried') && this.troubles.touch(pid, startedAt, lastToldAt),
    );
    return explained.length + this.lostBeforeItsStart(runs) >= MAX_LOST;
  }

  /** A job that waits to be alone is in no run, and its lease may be lost like any other. */
  private lostBeforeItsStart(runs: readonly Run[]): 0 | 1 {
    const burial = runs.find(({ ends }) => ends.includes('buried'));
    const last = runs.filter((run) => run !== burial).at(-1);
    if (!burial || last?.lastToldAt === undefined) return 0;
    return this.troubles.touch(burial.pid, last.lastToldAt, burial.startedAt) ? 1 : 0;
  }

  private *effects({ task, nature, runs }: TaskStory): Generator<Violation> {
    if (nature !== 'effect') return;
    const count = this.remains.effects.get(task) ?? 0;
    const completed = runs.some(({ ends }) => ends.includes('completed'));
    if (count > 1 || (completed && count === 0)) {
      yield { rule: 'an effect happens once', task, detail: `${count} effects` };
    }
  }
}

function shown(run: Run | undefined): string {
  if (!run) return 'no run';
  const { pid, startedAt, endedAt, how = 'has no end', ends } = run;
  const until = endedAt === undefined ? '' : ` to ${endedAt.toFixed(2)}`;
  return `process ${pid} from ${startedAt.toFixed(2)}${until} ${how}, told ${ends.join(' and ') || 'nothing'}`;
}
