import { ReservationLostError, WorkerStoppedError } from '../contract/errors';
import type { TransactingLeases } from '../contract/features';
import type { Logger } from '../contract/logger';
import { type Holder, loseReservation } from './keep-alive';
import type { Outage } from './outage';
import type { RunningJob } from './running-job';

/**
 * Runs handlers in transactions that also delete their jobs. What the backend fails at is no attempt of the
 * handler's: the job goes back, and runs again unless the commit was carried out and only its answer lost.
 */
export class TransactionRunner {
  constructor(
    private readonly leases: TransactingLeases,
    private readonly holder: Holder,
    private readonly outage: Outage,
    private readonly logger: Logger,
  ) {}

  /**
   * Rejects with what `work` threw; with another error when the job is not ours any more: lost, which is told, or
   * given back because the backend has failed, which is logged.
   */
  async run(running: RunningJob, work: (transaction: object) => Promise<void>): Promise<void> {
    const end = await this.leases.transact(running.reserved, async (transaction) => {
      // It may have waited long for its turn or a connection.
      if (running.abandoned) throw new WorkerStoppedError();
      if (running.lost) throw new ReservationLostError(running.reserved.id);
      await work(transaction);
      running.ending = true;
    });
    if (end.outcome === 'committed') return this.outage.answered();
    running.ending = false;
    if (end.outcome === 'lost') {
      loseReservation(this.holder, running);
      throw new ReservationLostError(running.reserved.id);
    }
    const { id, pipeline } = running.reserved;
    this.logger.warn(
      `The transaction of job ${id} of ${pipeline} has failed; unless it was committed, the job runs again: ${end.error.message}`,
    );
    this.outage.failed(end.error);
    running.lost = true;
    this.leases.giveBack([running.reserved]);
    throw end.error;
  }
}
