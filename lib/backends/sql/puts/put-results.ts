import type { JobId, PutResult } from '../../../core/contract/job-data';
import type { NewRow, UniquePut } from '../engine/dialect';

/** A job that waits now. */
export type Arrival = Pick<NewRow, 'pipeline' | 'delay'>;

export function changed(rows: readonly NewRow[], puts: readonly UniquePut[]): Arrival[] {
  return puts.flatMap(({ due }, index) =>
    due === undefined ? [] : [{ pipeline: rows[index]!.pipeline, delay: due }],
  );
}

export function resultOf({ id, existed }: UniquePut): PutResult {
  return { id, existed };
}

export function added(ids: readonly JobId[]): PutResult[] {
  return ids.map((id) => ({ id, existed: false }));
}
