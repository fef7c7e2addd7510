import {
  BackendRefusedError,
  BackendUnavailableError,
  InvalidPayloadError,
} from '../../../core/contract/errors';
import type { NewRow } from '../engine/dialect';
import { sizeOf, type StatementLimits } from './put-pieces';

/** From this size on, in UTF-16 units, a statement does not keep the next one waiting. */
const LARGE = 256_000;
/** A statement that takes longer, in milliseconds, does not keep the next one waiting either. */
const PATIENCE_MS = 20;
/** Each is on a connection of the pool, which workers need, too. */
const MOST_UNDER_WAY = 2;

const NO_NAMES: string[] = [];
const NOBODY: ReadonlySet<string> = new Set();

/** A statement under way. */
interface Sent {
  /** Whether the next one waits for its end. */
  holdsUp: boolean;
  readonly names: ReadonlySet<string>;
}

interface Call<Result> {
  readonly rows: readonly NewRow[];
  readonly size: number;
  readonly names: readonly string[];
  resolve(results: Result[]): void;
  reject(error: unknown): void;
}

/**
 * Calls that come while a statement is under way share the next one. An idle batcher sends when all promises of the
 * tick are settled, so that its calls go together, however many of them there are.
 *
 * One statement at a time makes the largest batches. A second one goes beside it when the first is large or slow, so
 * that one caller's jobs do not hold up everyone's. Whatever fails in a statement fails only the calls that cause it.
 */
export class PutBatcher<Result> {
  private calls: Call<Result>[] = [];
  private readonly underWay = new Set<Sent>();
  private planned = false;
  /** Runs while calls wait for a statement under way. */
  private patience: NodeJS.Timeout | undefined;

  constructor(
    /** Stores all rows or none, and resolves with what became of each. */
    private readonly store: (rows: readonly NewRow[]) => Promise<Result[]>,
    private readonly limits: StatementLimits,
    private readonly backend: string,
    /** Rows of the same name never go in two statements at once, of which the second would wait for the first. */
    private readonly nameOf?: (row: NewRow) => string | undefined,
  ) {}

  put(rows: readonly NewRow[]): Promise<Result[]> {
    return new Promise((resolve, reject) => {
      // Looks at every row: what cannot be looked at is thrown here, and rejects this call alone.
      let size = 0;
      const names: string[] = this.nameOf ? [] : NO_NAMES;
      for (const row of rows) {
        if (typeof (row.payload as unknown) !== 'string')
          throw new InvalidPayloadError('a backend stores text, encode it before');
        size += sizeOf(row);
        const name = this.nameOf?.(row);
        if (name !== undefined) names.push(name);
      }
      this.calls.push({ rows, size, names, resolve, reject });
      this.plan();
    });
  }

  private plan(): void {
    if (this.planned || this.calls.length === 0 || this.underWay.size === MOST_UNDER_WAY) return;
    if (!this.mayStart) {
      this.patience ??= setTimeout(() => {
        this.patience = undefined;
        for (const sent of this.underWay) sent.holdsUp = false;
        this.plan();
      }, PATIENCE_MS);
      return;
    }
    this.planned = true;
    process.nextTick(() => {
      this.planned = false;
      while (this.calls.length > 0 && this.mayStart) {
        const next = this.nextCalls();
        // What is left goes when the statement has ended that it would wait for.
        if (next.length === 0) return;
        void this.start(next);
      }
      this.plan();
    });
  }

  private get mayStart(): boolean {
    if (this.underWay.size === MOST_UNDER_WAY) return false;
    for (const { holdsUp } of this.underWay) if (holdsUp) return false;
    return true;
  }

  /** As many whole calls as fit in one statement, at least one; none when all would meet a statement under way. */
  private nextCalls(): Call<Result>[] {
    const next: Call<Result>[] = [];
    let left: Call<Result>[] = [];
    let rows = 0;
    let size = 0;
    for (const [index, call] of this.calls.entries()) {
      if (this.meets(call)) {
        left.push(call);
        continue;
      }
      rows += call.rows.length;
      size += call.size;
      if (next.length > 0 && (rows > this.limits.rows || size > this.limits.size)) {
        left = left.concat(this.calls.slice(index));
        break;
      }
      next.push(call);
    }
    this.calls = left;
    return next;
  }

  private meets({ names }: Call<Result>): boolean {
    if (names === NO_NAMES) return false;
    for (const sent of this.underWay) if (names.some((name) => sent.names.has(name))) return true;
    return false;
  }

  private async start(calls: readonly Call<Result>[]): Promise<void> {
    clearTimeout(this.patience);
    this.patience = undefined;
    const sent: Sent = {
      holdsUp: calls.reduce((size, call) => size + call.size, 0) <= LARGE,
      names: this.nameOf ? namesOf(calls) : NOBODY,
    };
    this.underWay.add(sent);
    try {
      await this.send(calls);
    } finally {
      this.underWay.delete(sent);
      this.plan();
    }
  }

  private async send(calls: readonly Call<Result>[]): Promise<void> {
    const [only, another] = calls;
    const rows = only && !another ? only.rows : calls.flatMap((call) => call.rows);
    let results: Result[];
    try {
      results = await this.store(rows);
    } catch (error) {
      if (!another || error instanceof BackendUnavailableError) return rejectAll(calls, error);
      // Somebody's row is refused, which must not fail the calls that happened to travel with it: they go apart.
      const half = calls.length >> 1;
      await this.send(calls.slice(0, half));
      return this.send(calls.slice(half));
    }
    if (results.length !== rows.length)
      return rejectAll(calls, this.notAllStored(results.length, rows.length));
    let from = 0;
    for (const call of calls) call.resolve(results.slice(from, (from += call.rows.length)));
  }

  private notAllStored(stored: number, sent: number): BackendRefusedError {
    return new BackendRefusedError(
      this.backend,
      `it stored ${stored} of ${sent} jobs without an error. Remove the trigger or rule that drops rows of the queue's table.`,
    );
  }
}

function namesOf(calls: readonly Pick<Call<never>, 'names'>[]): Set<string> {
  const all = new Set<string>();
  for (const { names } of calls) for (const name of names) all.add(name);
  return all;
}

function rejectAll(calls: readonly Pick<Call<never>, 'reject'>[], error: unknown): void {
  for (const call of calls) call.reject(error);
}
