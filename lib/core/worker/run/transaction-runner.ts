import { ReservationLostError, WorkerStoppedError } from '../../contract/errors';
import type { TransactingLeases } from '../../contract/features';
import type { Keep } from '../../contract/ports/history';
import type { Health } from '../../process/health';
import { type Holder, loseReservation } from '../../process/keep-alive';
import type { GivenBack } from '../given-back';
import type { Reporter } from '../reporter';
import type { RunningJob } from './running-job';

/**
 * Runs handlers in transactions that also delete their jobs. What the backend fails at is no attempt of the
 * handler's: the job goes back, and runs again unless the commit was carried out and only its answer lost. In an
 * outage that costs nothing, else one of the reservations that may be lost, so that nothing loops for ever.
 */
export class TransactionRunner {
  constructor(
    private readonly leases: TransactingLeases,
    private readonly holder: Holder & { readonly givenBack: Pick<GivenBack, 'add'> },
    private readonly health: Health,
    private readonly reporter: Reporter,
  ) {}

  /**
   * Rejects with what `work` threw; with another error when the job is not ours any more: lost, or given back because
   * the backend has failed. Both are told.
   */
  async run(running: RunningJob, work: (transaction: object) => Promise<Keep | void>): Promise<void> {
    const end = await this.leases.transact(running.reserved, async (transaction) => {
      // It may have waited long for its turn or a connection.
      if (running.abandoned) throw new WorkerStoppedError();
      if (running.lost) throw new ReservationLostError(running.reserved.id);
      const keep = await work(transaction);
      running.ending = true;
      return keep;
    });
    if (end.outcome === 'committed') return this.health.answered();
    running.ending = false;
    const { id, pipeline } = running.reserved;
    if (end.outcome === 'lost') {
      loseReservation(this.holder, running);
      throw running.cancelled ?? new ReservationLostError(id);
    }
    if (end.outcome === 'undone') this.health.answered();
    else {
      this.health.failed(end.error);
      this.holder.givenBack.add([running.reserved]);
    }
    this.reporter.undone(
      running,
      `The transaction of job ${id} of ${pipeline} has failed; unless it was committed, the job runs again: ${end.error.message}`,
    );
    throw end.error;
  }
}
