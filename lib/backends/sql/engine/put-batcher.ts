import { BackendUnavailableError } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';
import type { NewRow } from './dialect';

/** Limits of one statement, well under every server's: MySQL's packet is 16 MB by default on old servers. */
const MAX_ROWS = 1_000;
const MAX_BYTES = 4_000_000;

interface Call {
  readonly rows: readonly NewRow[];
  resolve(ids: JobId[]): void;
  reject(error: unknown): void;
}

/**
 * Calls that come while a statement is under way share the next one; there is no timer, and an idle gatherer sends
 * when all promises of the tick are settled, so that its calls go together, however many of them there are.
 */
export class PutBatcher {
  private calls: Call[] = [];
  private sending = false;

  constructor(
    /** Stores all rows or none. */
    private readonly store: (rows: readonly NewRow[]) => Promise<JobId[]>,
  ) {}

  put(rows: readonly NewRow[]): Promise<JobId[]> {
    return new Promise((resolve, reject) => {
      this.calls.push({ rows, resolve, reject });
      if (!this.sending) {
        this.sending = true;
        process.nextTick(() => void this.sendAll());
      }
    });
  }

  private async sendAll(): Promise<void> {
    while (this.calls.length > 0) await this.send(this.nextCalls());
    this.sending = false;
  }

  /** As many whole calls as fit in one statement, at least one. */
  private nextCalls(): Call[] {
    let rows = 0;
    let bytes = 0;
    const fits = (call: Call): boolean => {
      rows += call.rows.length;
      for (const row of call.rows) bytes += row.payload.length;
      return rows <= MAX_ROWS && bytes <= MAX_BYTES;
    };
    const over = this.calls.findIndex((call) => !fits(call));
    return this.calls.splice(0, over === -1 ? this.calls.length : Math.max(1, over));
  }

  private async send(calls: readonly Call[]): Promise<void> {
    try {
      const ids = await this.store(calls.flatMap((call) => call.rows));
      let from = 0;
      for (const call of calls) call.resolve(ids.slice(from, (from += call.rows.length)));
    } catch (error) {
      // A row that the database refuses must not fail the calls that happened to travel with it.
      if (calls.length === 1 || error instanceof BackendUnavailableError)
        for (const call of calls) call.reject(error);
      else for (const call of calls) await this.send([call]);
    }
  }
}

/** The rows in pieces that each fit in one statement. */
export function* pieces(rows: readonly NewRow[]): Generator<readonly NewRow[]> {
  let from = 0;
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    bytes += row.payload.length;
    if (index > from && (index - from === MAX_ROWS || bytes > MAX_BYTES)) {
      yield rows.slice(from, index);
      from = index;
      bytes = row.payload.length;
    }
  }
  if (from < rows.length) yield rows.slice(from);
}
