import { BackendRefusedError } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';

/** The ids of all rows. A trigger on the table can leave rows out, and the statement succeeds. */
export function allStored(backend: string, rows: readonly unknown[], ids: readonly JobId[] = []): JobId[] {
  if (ids.length === rows.length) return [...ids];
  throw new BackendRefusedError(
    backend,
    `a trigger on the table left out ${rows.length - ids.length} of ${rows.length} jobs, and none was stored`,
  );
}
