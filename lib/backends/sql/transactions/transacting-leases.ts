import type { Transacted, TransactingLeases } from '../../../core/contract/features';
import type { Leased } from '../../../core/contract/job-data';
import type { LostListener } from '../../../core/contract/leases';
import type { Keep } from '../../../core/contract/ports/history';
import type { Hold, SqlDialect } from '../engine/dialect';
import { SqlLeases } from '../engine/sql-leases';
import type { Readiness } from '../ready/readiness';
import type { TransactionsOfHandlers } from './transactions-of-handlers';

/** Where the application's transactions are at hand: the jobs can be deleted in those of their handlers. */
export class TransactingSqlLeases extends SqlLeases implements TransactingLeases {
  constructor(
    name: string,
    pipelines: readonly string[],
    dialect: SqlDialect,
    readiness: Readiness,
    private readonly transactions: TransactionsOfHandlers,
    onLost?: LostListener,
  ) {
    super(name, pipelines, dialect, readiness, onLost);
  }

  async transact(job: Leased, work: (transaction: object) => Promise<Keep | void>): Promise<Transacted> {
    const held = this.held.get(job.id);
    if (held?.job !== job) return { outcome: 'lost' };
    let begun = false;
    const answer = await this.transactions.run(held, async (transaction) => {
      begun = true;
      const keep = await work(transaction);
      if (keep) this.readiness.history.kept(job.pipeline, keep);
      return keep;
    });
    // After a failure the job may still be there, to be given back.
    if (answer.outcome === 'failed' && !(begun && (await this.undo(held)))) return answer;
    this.forget([job]);
    if (answer.outcome === 'committed') this.sweep([held]);
    if (answer.outcome === 'lost') await this.losses.explained([job]);
    return answer.outcome === 'failed' ? { ...answer, outcome: 'undone' } : answer;
  }

  /**
   * Ends a lease as if its time had run out: the stager makes the job ready, and counts that, so that a job whose
   * transaction fails each time comes to an end. False when the database does not answer: an outage counts for nothing.
   */
  private async undo(hold: Hold): Promise<boolean> {
    try {
      await this.dialect.undo(hold);
    } catch {
      return false;
    }
    this.readiness.expect(0);
    return true;
  }
}
