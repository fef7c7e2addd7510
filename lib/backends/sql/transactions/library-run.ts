import type { Transacted } from '../../../core/contract/features';
import type { RunTransaction } from './run-transaction';

/** What became of the work in a transaction, before the transaction itself has ended. */
export type Verdict =
  | Transacted
  /** The handler's error, or that of the deletion; `undone` when nothing that was written can be committed any more. */
  | { readonly outcome: 'threw'; readonly error: unknown; readonly undone: boolean };

interface Rejection {
  readonly error: unknown;
}

/** One call of the function that runs transactions, which may be any code. */
export class LibraryRun {
  calls = 0;
  /** Missing before the work has ended. */
  verdict: Verdict | undefined;
  /** Set when the transaction has ended, with its work or before it. */
  over = false;
  /** Of the function itself; undefined when that has resolved. */
  rejection: Rejection | undefined;
  /** When the function is done. Never rejects. */
  readonly ended: Promise<void>;

  constructor(
    runTransaction: RunTransaction,
    /** Rejects to have the transaction rolled back. */
    private readonly work: (transaction: unknown, run: LibraryRun) => Promise<Verdict>,
  ) {
    this.ended = this.end(runTransaction);
  }

  private async end(runTransaction: RunTransaction): Promise<void> {
    try {
      await runTransaction((transaction) => this.called(transaction));
    } catch (error) {
      this.rejection = { error };
    }
    this.over = true;
  }

  private called(transaction: unknown): Promise<void> {
    this.calls += 1;
    const work = this.calls === 1 ? this.first(transaction) : Promise.reject(new Error('called once more'));
    // Whoever does not wait for it hears of it by the verdict.
    work.catch(() => undefined);
    return work;
  }

  private async first(transaction: unknown): Promise<void> {
    const verdict = await this.work(transaction, this);
    this.verdict = verdict;
    if (verdict.outcome === 'committed') return;
    throw verdict.outcome === 'lost' ? new Error('the job is lost') : verdict.error;
  }
}
