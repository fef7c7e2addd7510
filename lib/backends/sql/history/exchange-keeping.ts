import type { JobId } from '../../../core/contract/job-data';
import { exchangeApart } from '../claims/exchange-apart';
import type { KeptEnd, SqlDialect, SqlExchange, SqlExchangeAnswer } from '../engine/dialect';

/** How much of results one statement takes, in UTF-16 units: what a server reads at once has an end. */
const RESULTS_A_PIECE = 1_000_000;

/** An exchange that keeps jobs: where their results are long, most of them in statements before it. */
export async function exchangeKeeping(
  dialect: SqlDialect,
  keeps: readonly KeptEnd[],
  exchange: SqlExchange,
): Promise<SqlExchangeAnswer> {
  const pieces = keptPieces(keeps);
  const last = pieces.pop() ?? [];
  const settled: JobId[] = [];
  for (const piece of pieces) {
    const alone = { deletes: [], keeps: piece, changes: [], claim: undefined };
    settled.push(...(await exchangeApart(dialect, alone)).settled);
  }
  const answer = await exchangeApart(dialect, { ...exchange, keeps: last });
  return { ...answer, settled: [...settled, ...answer.settled] };
}

/** A longer result is a piece by itself. */
function keptPieces(ends: readonly KeptEnd[]): KeptEnd[][] {
  const pieces: KeptEnd[][] = [];
  let start = 0;
  let size = 0;
  for (const [index, { keep }] of ends.entries()) {
    const more = keep.result?.length ?? 0;
    if (size + more > RESULTS_A_PIECE && index > start) {
      pieces.push(ends.slice(start, index));
      start = index;
      size = 0;
    }
    size += more;
  }
  return [...pieces, ends.slice(start)];
}
