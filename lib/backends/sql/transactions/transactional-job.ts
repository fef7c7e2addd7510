import type { EntityManager } from 'typeorm';
import type { Job } from '../../../core/policy/job';

/** A job as a handler with the option `transaction` gets it. */
export type TransactionalJob<T = unknown> = Job<T, EntityManager> & {
  /** Of the transaction in which the job is deleted when the handler resolves. */
  readonly manager: EntityManager;
};
