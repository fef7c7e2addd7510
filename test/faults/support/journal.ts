import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** What happens to a job in a worker. */
export type JournalEvent = 'started' | 'handled' | 'completed' | 'retried' | 'buried' | 'lost';

export interface JournalEntry {
  readonly event: JournalEvent;
  /** The number of the task. */
  readonly task: number;
  readonly pid: number;
  /** Seconds on a clock that all processes share and no wrong date changes. */
  readonly at: number;
}

/** The time now, as entries have it. */
export function steadyClock(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/**
 * What workers report, in a file beside the queue. Each line is one write with O_APPEND: it is whole and stays,
 * whenever its process is killed, and lines of several processes never mix.
 */
export class Journal {
  constructor(readonly path: string) {}

  write(event: JournalEvent, task: number): void {
    const entry: JournalEntry = { event, task, pid: process.pid, at: steadyClock() };
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
  }

  /** The longest time, in seconds, from one job that was handled to the next. */
  longestPause(): number {
    const times = this.entries('handled').map(({ at }) => at);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? at));
    return Math.max(0, ...pauses);
  }

  /** All entries, or those of one event, in the order of their writing. */
  entries(event?: JournalEvent): JournalEntry[] {
    if (!existsSync(this.path)) return [];
    const entries = readFileSync(this.path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as JournalEntry);
    return event === undefined ? entries : entries.filter((entry) => entry.event === event);
  }
}
