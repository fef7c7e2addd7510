import type { JobId } from '../job-data';

/**
 * Calls jobs off from any process (SQL and memory; beanstalkd lets nobody touch a job that another connection has
 * reserved).
 */
export interface Cancelling {
  /**
   * Ends a job in whatever state: it waits or is buried no more, its unique key is free, and a worker that holds it can
   * settle, renew and note nothing: it is told by the `onLost` of its leases, with a `JobCancelledError`, within a second
   * while the server answers, and before any answer that reports the job as lost. False when there is no such job.
   */
  cancel(id: JobId, reason?: string): Promise<boolean>;
}
