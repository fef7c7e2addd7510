import { BackendRefusedError } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';

/** So many ids, in these steps from the first one on. */
export function consecutiveIds(first: string | number | bigint, count: number, step = 1): JobId[] {
  const start = Number(first);
  // Numbers cost a fifth of what BigInt does, and are exact almost always.
  const exact = Number.isSafeInteger(start + count * step);
  return Array.from({ length: count }, (_, index) =>
    String(exact ? start + index * step : BigInt(first) + BigInt(index * step)),
  );
}

/** The ids of all rows. A trigger on the table can leave rows out, and the statement succeeds. */
export function allStored(backend: string, rows: readonly unknown[], ids: readonly JobId[] = []): JobId[] {
  if (ids.length === rows.length) return [...ids];
  throw new BackendRefusedError(
    backend,
    `a trigger on the table left out ${rows.length - ids.length} of ${rows.length} jobs, and none was stored. Remove the trigger, or the part of it that drops rows of the queue.`,
  );
}
