import { milliseconds } from '../../../core/checks/checks';
import type { EndedJob, EndState, Keep } from '../../../core/contract/ports/history';
import { storedPayload } from '../layouts/job-table';
import { failuresOf } from './failed-attempts';

/** The columns of a kept job, in the order in which they are written. */
export const KEPT_COLUMNS = [
  'id',
  'pipeline',
  'outcome',
  'payload',
  'result',
  'error',
  'history',
  'headers',
  'unique_key',
  'priority',
  'attempts',
  'added_at',
  'started_at',
  'ended_at',
  'keep_until',
  'keep_most',
  'worker',
] as const;

/** What each of them is, as an expression. */
export type KeptValues = Readonly<Record<(typeof KEPT_COLUMNS)[number], string>>;

/** Of each end its result, error, length of the last run and of the keeping in milliseconds, number and worker. */
export function keptValues(ends: readonly { readonly keep: Keep }[]): unknown[][] {
  const of = (value: (keep: Keep) => unknown) => ends.map(({ keep }) => value(keep) ?? null);
  return [
    of(({ result }) => result),
    of(({ error }) => error?.replaceAll('\0', '')),
    of(({ ran }) => (ran === undefined ? null : milliseconds(ran))),
    of((keep) => (keep.for === Infinity ? null : milliseconds(keep.for))),
    of(({ most }) => most),
    of(({ worker }) => worker),
  ];
}

type BigIntColumn = string | number;

export interface KeptRow {
  readonly id: BigIntColumn;
  readonly pipeline: string;
  readonly outcome: string;
  readonly payload: string | Uint8Array | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly history: string | null;
  readonly headers: string | null;
  readonly priority: BigIntColumn | null;
  readonly attempts: number | null;
  readonly added_at: BigIntColumn | null;
  readonly started_at: BigIntColumn | null;
  readonly ended_at: BigIntColumn;
  readonly worker: string | null;
}

/** The columns that make a `KeptRow`. */
export function keptColumns({ id = 'id', payload = 'payload' } = {}): string {
  const rest = ['result', 'error', 'history', 'headers', 'priority', 'attempts'];
  const moments = ['added_at', 'started_at', 'ended_at', 'worker'];
  return [`${id} as id`, 'pipeline', 'outcome', `${payload} as payload`, ...rest, ...moments].join(', ');
}

export function endedJob(row: KeptRow): EndedJob {
  const { pipeline, result, error, headers, worker } = row;
  return {
    id: String(row.id),
    pipeline,
    state: row.outcome as EndState,
    ...storedPayload(row.payload ?? ''),
    priority: Number(row.priority ?? 0),
    attempts: row.attempts ?? 0,
    failures: failuresOf(row.history),
    ...(result !== null && { result }),
    ...(error !== null && { error }),
    ...(row.added_at !== null && { addedAt: new Date(Number(row.added_at)) }),
    ...(row.started_at !== null && { startedAt: new Date(Number(row.started_at)) }),
    endedAt: new Date(Number(row.ended_at)),
    ...(worker !== null && { worker }),
    ...(headers !== null && { headers }),
  };
}
