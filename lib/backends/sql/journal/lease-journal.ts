import type { Leased } from '../../../core/contract/job-data';
import { type JournalEntry, MOST_LINES } from '../../../core/contract/ports/journal';
import type { Hold } from '../engine/dialect';
import type { JournalRows } from './journal-rows';

/** A held job, and what it has said. */
export interface JournalHold extends Hold {
  readonly job: Leased;
  /** How many lines it has logged in this lease; undefined when it has said nothing. */
  logged?: number;
}

/** What the held jobs of one worker say. */
export class LeaseJournal {
  constructor(private readonly rows: Pick<JournalRows, 'write' | 'sweep'>) {}

  /** Returns the jobs that were lost: those without a hold, and those of whose hold nobody knows any more. */
  async note(
    entries: readonly JournalEntry[],
    holdOf: (job: Leased) => JournalHold | undefined,
  ): Promise<Leased[]> {
    const held = entries.flatMap((entry) => {
      const hold = holdOf(entry.job);
      return hold ? [{ ...entry, hold, long: logs(hold, entry) }] : [];
    });
    const written = new Set(held.length === 0 ? [] : await this.rows.write(held));
    return entries.filter(({ job }) => !written.has(job.id)).map(({ job }) => job);
  }

  /**
   * What these jobs have said goes with them; undefined when none has said anything. Never rejects: what is not removed
   * here is found by the pruner.
   */
  ended(holds: readonly JournalHold[]): Promise<void> | undefined {
    const said = holds.filter(({ logged }) => logged !== undefined);
    if (said.length === 0) return undefined;
    return this.rows.sweep(said.map(({ id }) => id)).catch(() => undefined);
  }
}

/** Notes that it logs; whether it may have logged more lines than stay. */
function logs(hold: JournalHold, { lines = [] }: JournalEntry): boolean {
  hold.logged = (hold.logged ?? 0) + lines.length;
  return lines.length > 0 && (hold.logged > MOST_LINES || hold.job.attempt + hold.job.timeouts > 1);
}
