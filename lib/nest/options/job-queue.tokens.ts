import type { InjectionToken } from '@nestjs/common';
import { JobQueueService } from '../service/job-queue.service';

export const DEFAULT_QUEUE = 'default';

/**
 * The token under which a queue's service is injected: for the default queue the class `JobQueueService` itself.
 *
 * @example
 * app.get(getJobQueueToken('mail'))
 */
export function getJobQueueToken(name = DEFAULT_QUEUE): InjectionToken<JobQueueService> {
  return name === DEFAULT_QUEUE ? JobQueueService : getJobQueueAlias(name);
}

/** The token of `@InjectJobQueue()`: a text, because the class of another copy of this package would be another token. */
export function getJobQueueAlias(name = DEFAULT_QUEUE): string {
  return `JobQueueService:${name}`;
}

/** The token under which a queue's backend is injected. */
export function getJobQueueBackendToken(name = DEFAULT_QUEUE): string {
  return `JobQueueBackend:${name}`;
}

/** The token of a queue's checked options, shared by the two modules that make up a queue. */
export function getSettingsToken(name: string): string {
  return `JobQueueSettings:${name}`;
}

/** The token through which a queue's service reaches its workers. */
export function getRuntimeHandlersToken(name: string): string {
  return `JobQueueRuntimeHandlers:${name}`;
}

/** The token of what connects and closes a queue's backend. */
export function getConnectionToken(name: string): string {
  return `JobQueueConnection:${name}`;
}
