import type { Transacted, Transactor } from '../../../core/contract/backend';
import type { ReservedJob } from '../../../core/contract/job-data';
import type { SqlDialect } from '../engine/dialect';
import type { Lookout } from '../engine/lookout';
import { SqlConsumer } from '../engine/sql-consumer';
import type { ApplicationTransactions } from './application-transactions';

/** A consumer on the application's DataSource: its jobs can be deleted in the transactions of their handlers. */
export class TransactingConsumer extends SqlConsumer implements Transactor {
  constructor(
    pipelines: readonly string[],
    dialect: SqlDialect,
    lookout: Lookout,
    private readonly transactions: ApplicationTransactions,
  ) {
    super(pipelines, dialect, lookout);
  }

  async transact(job: ReservedJob, work: (transaction: object) => Promise<void>): Promise<Transacted> {
    const held = this.held.get(job.id);
    if (held?.job !== job) return { outcome: 'lost' };
    const answer = await this.transactions.run(held, work);
    // After a failure the job may still be there, to be given back.
    if (answer.outcome !== 'failed') this.forget([job]);
    return answer;
  }
}
