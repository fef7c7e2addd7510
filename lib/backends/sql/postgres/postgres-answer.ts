import type { JobId, Leased } from '../../../core/contract/job-data';
import type { Hold, SqlExchangeAnswer } from '../engine/dialect';
import { packedJob } from '../layouts/job-table';

/** A row of what the exchange function returns. */
export interface ExchangeRow {
  /** `settled`, `changed`, `kept`, or the numbers of a claimed job. */
  readonly job: string;
  readonly payload: string | null;
}

export function exchangeAnswer(
  rows: readonly ExchangeRow[],
  deletes: readonly Hold[],
  pipeline: string,
): SqlExchangeAnswer {
  const settled: JobId[] = [];
  const claimed: Leased[] = [];
  for (const { job, payload } of rows) {
    if (job === 'settled')
      for (const id of idsOf(payload) ?? deletes.map((hold) => hold.id)) settled.push(id);
    else if (job === 'changed' || job === 'kept') settled.push(...(idsOf(payload) ?? []));
    else claimed.push(packedJob(job, pipeline, payload ?? ''));
  }
  return { settled, claimed };
}

function idsOf(list: string | null): JobId[] | undefined {
  return list?.split(' ').filter((id) => id !== '');
}
