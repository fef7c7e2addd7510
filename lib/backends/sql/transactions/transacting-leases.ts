import type { Transacted, TransactingLeases } from '../../../core/contract/features';
import type { Leased } from '../../../core/contract/job-data';
import type { SqlDialect } from '../engine/dialect';
import { SqlLeases } from '../engine/sql-leases';
import type { Readiness } from '../ready/readiness';
import type { ApplicationTransactions } from './application-transactions';

/** On the application's DataSource: the jobs can be deleted in the transactions of their handlers. */
export class TransactingSqlLeases extends SqlLeases implements TransactingLeases {
  constructor(
    pipelines: readonly string[],
    dialect: SqlDialect,
    readiness: Readiness,
    private readonly transactions: ApplicationTransactions,
  ) {
    super(pipelines, dialect, readiness);
  }

  async transact(job: Leased, work: (transaction: object) => Promise<void>): Promise<Transacted> {
    const held = this.held.get(job.id);
    if (held?.job !== job) return { outcome: 'lost' };
    const answer = await this.transactions.run(held, work);
    // After a failure the job may still be there, to be given back.
    if (answer.outcome !== 'failed') this.forget([job]);
    return answer;
  }
}
