import type { Transacted } from '../../../core/contract/features';
import type { Keep } from '../../../core/contract/ports/history';
import type { Hold } from '../engine/dialect';

/** Resolves with how the job is kept, if it is. */
export type Work = (transaction: object) => Promise<Keep | void>;

/** Begins transactions in which handlers write and their jobs are deleted. */
export interface TransactionsOfHandlers {
  /** As `TransactingLeases.transact` has it. */
  run(hold: Hold, work: Work): Promise<Transacted>;
}
