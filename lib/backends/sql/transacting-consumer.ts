import type { Transacted, Transactor } from '../../core/backend';
import type { ReservedJob } from '../../core/job';
import type { ApplicationTransactions } from './application-transactions';
import type { SqlDialect } from './dialect';
import type { Lookout } from './lookout';
import { SqlConsumer } from './sql-consumer';

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
