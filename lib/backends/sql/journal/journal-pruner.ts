import type { JobId } from '../../../core/contract/job-data';
import { allApart } from '../claims/apart';
import { MOST_PRUNED } from '../ready/pruner';
import type { JournalRows } from './journal-rows';

/** The most looks in a row that find nothing: what kept jobs have said stays, and may be much. */
const LOOKS = 10;

/** Walks round and round over what jobs have said, and removes that of jobs that are neither there nor kept. */
export class JournalPruner {
  private after: JobId = '0';

  constructor(private readonly rows: Pick<JournalRows, 'gone' | 'sweep'>) {}

  /** Whether there may be more of them nearby. */
  async prune(): Promise<boolean> {
    for (let look = 0; look < LOOKS; look += 1) {
      const { last, ids } = await this.rows.gone(this.after, MOST_PRUNED);
      this.after = last ?? '0';
      await allApart(ids, (some) => this.rows.sweep(some));
      if (ids.length > 0 || last === undefined) return last !== undefined;
    }
    return false;
  }
}
