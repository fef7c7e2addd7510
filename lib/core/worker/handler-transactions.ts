import { canGiveBack, canTransact, type Consumer, type Returner, type Transactor } from '../contract/backend';
import {
  type BackendUnavailableError,
  ReservationLostError,
  UnsupportedByBackendError,
  WorkerStoppedError,
} from '../contract/errors';
import type { Logger } from '../contract/logger';
import { sleep } from '../time/sleep';
import { type Holder, loseReservation } from './keep-alive';
import type { Outage } from './outage';
import type { RunningJob } from './running-job';
import type { WorkerSurroundings } from './worker-options';

/** Throws `UnsupportedByBackendError`. */
export function handlerTransactions(
  consumer: Consumer,
  holder: Holder & { readonly pipeline: string },
  { backend, outage, logger }: WorkerSurroundings,
  stopping: AbortSignal,
): HandlerTransactions {
  if (canTransact(consumer) && canGiveBack(consumer)) {
    return new HandlerTransactions(consumer, holder, outage, stopping, logger);
  }
  throw new UnsupportedByBackendError(
    backend.name,
    `delete a job of ${holder.pipeline} in its handler’s transaction`,
    'give the queue the application’s DataSource, typeOrmBackend(), or leave the option transaction out',
  );
}

/**
 * Runs handlers in transactions that also delete their jobs. What the backend fails at is no attempt of the
 * handler's: the job goes back, and runs again unless the commit was carried out and only its answer lost.
 */
export class HandlerTransactions {
  constructor(
    private readonly consumer: Consumer & Returner & Transactor,
    private readonly holder: Holder,
    private readonly outage: Outage,
    private readonly stopping: AbortSignal,
    private readonly logger: Logger,
  ) {}

  /**
   * Rejects with what `work` threw; with another error when the job is not ours any more: lost, which is told, or
   * given back because the backend has failed, which is logged.
   */
  async run(running: RunningJob, work: (transaction: object) => Promise<void>): Promise<void> {
    const answer = await this.consumer.transact(running.reserved, async (transaction) => {
      // It may have waited long for its turn or a connection.
      if (running.abandoned) throw new WorkerStoppedError();
      if (running.lost) throw new ReservationLostError(running.reserved.id);
      await work(transaction);
      running.ending = true;
    });
    if (answer.outcome === 'committed') return this.outage.answered();
    running.ending = false;
    if (answer.outcome === 'failed') {
      await this.giveBack(running, answer.error);
      throw answer.error;
    }
    loseReservation(this.holder, running);
    throw new ReservationLostError(running.reserved.id);
  }

  private async giveBack(running: RunningJob, error: BackendUnavailableError): Promise<void> {
    const { id, pipeline } = running.reserved;
    this.logger.warn(
      `The transaction of job ${id} of ${pipeline} has failed; unless it was committed, the job runs again: ${error.message}`,
    );
    let problem: unknown = error;
    // When the worker stops, closing its consumer gives the job back.
    while (!running.lost && !this.stopping.aborted) {
      await sleep(this.outage.failed(problem), this.stopping);
      try {
        await this.consumer.giveBack([running.reserved]);
        break;
      } catch (next) {
        problem = next;
      }
    }
    running.lost = true;
  }
}
