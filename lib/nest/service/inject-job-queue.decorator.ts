import { Inject } from '@nestjs/common';
import { getJobQueueAlias } from '../options/job-queue.tokens';

/**
 * Injects the `JobQueueService` of the queue with that name; without a name, that of the default queue.
 *
 * @example
 * constructor(@InjectJobQueue('mail') private readonly mail: JobQueueService) {}
 */
export function InjectJobQueue(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getJobQueueAlias(name));
}
