import type { UniqueKey } from '../../../core/contract/job-data';
import type { SqlSession } from '../connection/executor';
import type { NewRow, SqlDialect, UniquePut, UniqueRow } from '../engine/dialect';
import { pieces, sizeOf, type StatementLimits } from './put-pieces';

/** Rows of one key that say the same are one wish. */
interface Wish extends UniqueRow {
  /** Where they stand among all rows. */
  readonly places: number[];
}

/** One statement. */
type Step = (transaction?: SqlSession) => Promise<void>;

export function isUnique(row: NewRow): row is UniqueRow {
  return row.unique !== undefined;
}

/** The key, whosever it is: who compares by it takes those of two pipelines for one, which costs a wait or a look. */
export function keyOf({ unique }: NewRow): string | undefined {
  return unique?.key;
}

/** The order in which keys are locked, so that two who put several at once never wait for each other. */
export function byKey(one: UniqueRow, other: UniqueRow): number {
  return compared(one.pipeline, other.pipeline) || compared(one.unique.key, other.unique.key);
}

/**
 * Puts rows of which some or all have unique keys, all or none: by one statement, unless there are very many, or some
 * without a key, or one key with different wishes.
 */
export class UniquePuts {
  constructor(
    private readonly dialect: SqlDialect,
    private readonly limits: StatementLimits,
  ) {}

  /** Returns what became of each row. The transaction is that of the caller, if there is one. */
  put(rows: readonly NewRow[], transaction?: SqlSession): Promise<UniquePut[]> {
    return areSimple(rows, this.limits)
      ? this.dialect.unique.put(rows, transaction)
      : this.putApart(rows, transaction);
  }

  private async putApart(rows: readonly NewRow[], transaction?: SqlSession): Promise<UniquePut[]> {
    const results: UniquePut[] = [];
    const steps = [
      ...this.plainSteps(rows, results),
      ...roundsOf(rows).flatMap((round) => this.steps(round, results)),
    ];
    const all = async (session: SqlSession) => {
      for (const step of steps) await step(session);
    };
    if (transaction) await all(transaction);
    else if (steps.length === 1) await steps[0]!();
    else await this.dialect.db.transaction(all);
    return results;
  }

  private plainSteps(rows: readonly NewRow[], results: UniquePut[]): Step[] {
    const plain = rows.flatMap((row, place) => (isUnique(row) ? [] : [{ ...row, place }]));
    return Array.from(pieces(plain, this.limits), (piece) => async (transaction) => {
      const ids = await this.dialect.put(piece, transaction && { transaction });
      for (const [index, { place, delay }] of piece.entries())
        results[place] = { id: ids[index]!, existed: false, due: delay };
    });
  }

  private steps(round: readonly Wish[], results: UniquePut[]): Step[] {
    const whole = [...pieces(round, this.limits)];
    const parts = whole.length === 1 ? whole : [...pieces(round.toSorted(byKey), this.limits)];
    return parts.map((part) => async (transaction) => {
      const puts = await this.dialect.unique.put(part, transaction);
      for (const [index, { places }] of part.entries()) {
        const put = puts[index]!;
        for (const place of places) results[place] = { id: put.id, existed: true };
        results[places[0]!] = put;
      }
    });
  }
}

/** Whether one statement does it, without a look at which rows belong together. Almost always. */
function areSimple(rows: readonly NewRow[], limits: StatementLimits): rows is readonly UniqueRow[] {
  if (rows.length > limits.rows) return false;
  const keys = new Set<string>();
  let size = 0;
  for (const row of rows) {
    if (!isUnique(row)) return false;
    size += sizeOf(row);
    keys.add(row.unique.key);
  }
  return keys.size === rows.length && (size <= limits.size || rows.length === 1);
}

/** No two wishes of a round have the same key. Almost always there is one round. */
function roundsOf(rows: readonly NewRow[]): Wish[][] {
  const rounds: Map<string, Wish>[] = [];
  const latest = new Map<string, number>();
  for (const [place, row] of rows.entries()) {
    if (!isUnique(row)) continue;
    // No pipeline has a space in its name.
    const name = `${row.pipeline} ${row.unique.key}`;
    const at = latest.get(name);
    const earlier = at === undefined ? undefined : rounds[at]?.get(name);
    if (at !== undefined && earlier && saySame(earlier.unique, row.unique)) {
      earlier.places.push(place);
      if (row.unique.onConflict !== 'keep') rounds[at]?.set(name, { ...row, places: earlier.places });
      continue;
    }
    const next = at === undefined ? 0 : at + 1;
    latest.set(name, next);
    (rounds[next] ??= new Map<string, Wish>()).set(name, { ...row, places: [place] });
  }
  return rounds.map((round) => [...round.values()]);
}

function saySame(one: UniqueKey, other: UniqueKey): boolean {
  return (
    one.onConflict === other.onConflict &&
    one.until === other.until &&
    one.maxWait === other.maxWait &&
    one.for === other.for
  );
}

function compared(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
