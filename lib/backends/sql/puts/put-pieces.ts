import type { JobId, NewJob } from '../../../core/contract/job-data';
import type { SqlSession } from '../connection/executor';
import type { NewRow, SqlDialect } from '../engine/dialect';

/** The most that one statement holds. */
export interface StatementLimits {
  readonly rows: number;
  /** In the units of `sizeOf`. */
  readonly size: number;
}

/** A statement of four megabytes is as quick for each job as a larger one. */
const STATEMENT_LIMITS: StatementLimits = { rows: 1_000, size: 4_000_000 };

/** What a row takes beside its payload, in UTF-16 units: the pipeline's name, the numbers, the punctuation. */
const BESIDE_PAYLOAD = 300;

/** The most that a UTF-16 unit takes in UTF-8; what a driver escapes takes two. */
export const BYTES_A_UNIT = 3;

/** What of a row may be long. */
export type Sized = Pick<NewRow, 'payload' | 'retry' | 'headers' | 'unique'>;

/** What one statement of that database may hold. */
export function limitsOf({ packet = Infinity }: Pick<SqlDialect, 'packet'>): StatementLimits {
  return { ...STATEMENT_LIMITS, size: Math.min(STATEMENT_LIMITS.size, Math.floor(packet / BYTES_A_UNIT)) };
}

/** A row's length in a statement, in UTF-16 units. */
export function sizeOf({ payload, retry, headers, unique }: Sized): number {
  const beside = (retry?.length ?? 0) + (headers?.length ?? 0) + (unique?.key.length ?? 0);
  return payload.length + beside + BESIDE_PAYLOAD;
}

/** The rows in pieces that each fit in one statement; a row that fits in none is a piece of its own. */
export function* pieces<Row extends NewRow>(
  rows: readonly Row[],
  limits: StatementLimits,
): Generator<readonly Row[]> {
  let from = 0;
  let size = 0;
  for (const [index, row] of rows.entries()) {
    size += sizeOf(row);
    if (index > from && (index - from === limits.rows || size > limits.size)) {
      yield rows.slice(from, index);
      from = index;
      size = sizeOf(row);
    }
  }
  if (from < rows.length) yield rows.slice(from);
}

/** Stores piece after piece in a transaction; returns the ids of all. */
export async function putPieces(
  dialect: SqlDialect,
  rows: Iterable<readonly NewRow[]>,
  transaction: SqlSession,
): Promise<JobId[]> {
  const ids: JobId[] = [];
  for (const piece of rows) ids.push(...(await dialect.put(piece, { transaction })));
  return ids;
}

/** By a loop: a hole in the list is no row, and Array.from takes ten times as long for one job. */
export function rowsOf(pipeline: string, jobs: readonly NewJob[]): NewRow[] {
  const rows: NewRow[] = [];
  for (const job of jobs) rows.push({ pipeline, ...job });
  return rows;
}
