import { randomBytes } from 'node:crypto';

/** A pipeline of one test alone, so that all tests can share one server and run at the same time. */
export function randomPipeline(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

/** A table of one test alone. */
export function randomTable(): string {
  return `jobs_${randomBytes(6).toString('hex')}`;
}
