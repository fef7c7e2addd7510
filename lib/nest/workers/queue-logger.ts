import { Logger } from '@nestjs/common';
import { DEFAULT_QUEUE } from '../options/job-queue.tokens';

/** Nest's logger under the name of that queue. */
export function queueLogger(queue: string): Logger {
  return new Logger(queue === DEFAULT_QUEUE ? 'JobQueue' : `JobQueue:${queue}`);
}
