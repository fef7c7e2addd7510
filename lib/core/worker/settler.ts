import { messageOf } from '../checks/text';
import type { Leased } from '../contract/job-data';
import type { Leases } from '../contract/leases';
import { isUnavailable } from '../process/health';
import { type FinishedJob, plainerSettlements, settlementOf } from './completions';
import type { Reporter } from './reporter';
import type { RunningJournal } from './run/running-journal';

/**
 * Settles ended jobs and tells what became of them. A refusal is not an outage: one settlement that the backend does
 * not take costs the others nothing. They go apart, and that one in ever plainer forms.
 */
export class Settler {
  /** Their settlement was not answered: it may have happened all the same. */
  private readonly doubtful = new Set<FinishedJob>();

  constructor(
    private readonly leases: Leases,
    private readonly reporter: Reporter,
    private readonly journal: Pick<RunningJournal, 'used' | 'finish' | 'forget'>,
  ) {}

  /** Returns up to `wanted` further jobs, and the number of those that were lost. Rejects only when the backend does not answer. */
  async settle(
    finished: readonly FinishedJob[],
    wanted: number,
  ): Promise<{ readonly lost: number; readonly next: Leased[] }> {
    try {
      if (this.journal.used) await this.journal.finish(finished.map(jobOf));
      const { lost, next } = await this.leases.settle(finished.map(settlementOf), wanted);
      this.tell(finished, lost);
      return { lost: lost.length, next };
    } catch (error) {
      if (isUnavailable(error)) {
        for (const job of finished) this.doubtful.add(job);
        throw error;
      }
      await this.settleApart(finished, error);
      return { lost: 0, next: [] };
    }
  }

  private async settleApart(finished: readonly FinishedJob[], refusal: unknown): Promise<void> {
    const [only, another] = finished;
    if (only && !another) return this.settlePlainly(only, refusal);
    const half = finished.length >> 1;
    await this.settle(finished.slice(0, half), 0);
    await this.settle(finished.slice(half), 0);
  }

  private async settlePlainly(finished: FinishedJob, refusal: unknown): Promise<void> {
    this.reporter.refused(finished, refusal);
    for (const end of plainerSettlements(finished)) {
      try {
        const { lost } = await this.leases.settle([end], 0);
        return this.tell([finished], lost);
      } catch (error) {
        if (isUnavailable(error)) {
          this.doubtful.add(finished);
          throw error;
        }
      }
    }
    const { id, pipeline } = finished.running.reserved;
    this.reporter.undone(
      finished.running,
      `Job ${id} of ${pipeline} cannot be settled at all; it runs again when its ttr is over: ${messageOf(refusal)}`,
    );
  }

  private tell(finished: readonly FinishedJob[], lost: readonly Leased[]): void {
    if (this.journal.used) this.journal.forget(finished.map(jobOf));
    const notOurs = new Set(lost);
    for (const job of finished) {
      const doubtful = this.doubtful.delete(job);
      if (notOurs.has(job.running.reserved)) this.reporter.lostAtItsEnd(job, doubtful);
      else this.reporter.settled(job);
    }
  }
}

function jobOf({ running }: FinishedJob): Leased {
  return running.reserved;
}
