import type { JobId, PutResult } from '../../../core/contract/job-data';
import type { NewRow, UniquePut } from '../engine/dialect';

/** A job that waits now. */
export type Arrival = Pick<NewRow, 'pipeline' | 'delay'>;

export function changed(rows: readonly NewRow[], puts: readonly UniquePut[]): Arrival[] {
  const arrivals: Arrival[] = [];
  for (const [index, { due }] of puts.entries()) {
    if (due === undefined) continue;
    const row = rows[index]!;
    arrivals.push(due === row.delay ? row : { pipeline: row.pipeline, delay: due });
  }
  return arrivals;
}

export function resultOf({ id, existed }: UniquePut): PutResult {
  return { id, existed };
}

export function added(ids: readonly JobId[]): PutResult[] {
  return ids.map((id) => ({ id, existed: false }));
}
