import { isJobNumber } from '../../../core/contract/job-id';
import type { Readiness } from '../ready/readiness';
import type { SqlDialect } from './dialect';

/** What works on the table while the backend is connected. */
export interface Engine {
  readonly dialect: SqlDialect;
  readonly readiness: Readiness;
}

export function isId(id: unknown): boolean {
  return isJobNumber(id, 2n ** 63n - 1n);
}
