import { appendFileSync, readFileSync } from 'node:fs';
import { steadyClock } from '../faults/support/journal';

/** What kind of job it is: what its handler does. */
export type Nature = 'plain' | 'slow' | 'flaky' | 'fails' | 'poison' | 'effect';

/** What may cost a lease, and whom: one process, or everybody. */
export type Trouble = 'stopped' | 'network' | 'server' | 'file locked';

/** One thing that happened. Jobs are told apart by the numbers of their tasks, runs by a name of their own. */
export type HistoryEvent =
  /** `addJob` is called. */
  | { readonly kind: 'adding'; readonly task: number; readonly nature: Nature }
  /** `addJob` has resolved. */
  | { readonly kind: 'added'; readonly task: number }
  /** It was rejected because the backend was away: the job is stored once or not at all. */
  | { readonly kind: 'in doubt'; readonly task: number }
  /** A handler begins and ends. */
  | { readonly kind: 'began'; readonly task: number; readonly run: string }
  | { readonly kind: 'returned' | 'threw'; readonly task: number; readonly run: string }
  /** What the worker tells its listeners. */
  | { readonly kind: 'started' | 'completed' | 'retried' | 'buried' | 'lost'; readonly task: number }
  /** A worker's process: ready, ended in order, killed by us, killed by its own job. */
  | { readonly kind: 'up' | 'ended' | 'killed' | 'killed itself'; readonly worker: number }
  | { readonly kind: 'trouble begins' | 'trouble ends'; readonly trouble: Trouble; readonly worker?: number };

export type Entry = HistoryEvent & {
  readonly pid: number;
  /** Seconds on a clock that all processes share and no wrong date changes. */
  readonly at: number;
};

/**
 * What all processes of a soak report, in one file. Each line is one write with O_APPEND: it is whole and stays,
 * whenever its process is killed, and lines of several processes never mix.
 */
export class History {
  constructor(readonly path: string) {}

  write(event: HistoryEvent): void {
    const entry = { ...event, pid: process.pid, at: steadyClock() };
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
  }

  read(): Entry[] {
    return readFileSync(this.path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Entry)
      .sort((one, other) => one.at - other.at);
  }
}
