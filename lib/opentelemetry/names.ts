/*
 * The names of OpenTelemetry's conventions for messaging, version 1.45, and beside them names of our own. They stand here
 * because the package of the conventions would be one more dependency for a dozen texts; a test compares them with it.
 */

export const SYSTEM = 'messaging.system';
export const DESTINATION = 'messaging.destination.name';
export const OPERATION = 'messaging.operation.name';
export const OPERATION_TYPE = 'messaging.operation.type';
export const MESSAGE_ID = 'messaging.message.id';
export const BATCH_COUNT = 'messaging.batch.message_count';
export const ERROR_TYPE = 'error.type';

export const SENT = 'messaging.client.sent.messages';
export const CONSUMED = 'messaging.client.consumed.messages';
export const OPERATION_DURATION = 'messaging.client.operation.duration';
export const PROCESS_DURATION = 'messaging.process.duration';

/** Of our own. */
export const OUTCOME = 'job_queue.outcome';
export const ATTEMPT = 'job_queue.attempt';
export const QUEUE = 'job_queue.name';
export const STATE = 'job_queue.state';
export const JOBS = 'job_queue.jobs';
export const OLDEST_READY = 'job_queue.oldest_ready.age';

/** The conventions have no word for a queue in a database. */
export function systemOf(backend: string): string {
  return backend === 'beanstalkd' ? 'beanstalkd' : 'nestjs_job_queue';
}
