import { BackendUnavailableError } from '../../../core/contract/errors';
import type { Seconds } from '../../../core/contract/job-data';
import { GIVING_BACK } from '../../../core/time/close-in-time';
import { sleep } from '../../../core/time/sleep';
import type { Hold, SqlDialect } from '../engine/dialect';
import { apart, type Refused } from './apart';

/** How long after a failure the next try follows, if no answer of the database comes before. */
const NEXT_TRY_MS = 1000;
/** The same when these leases close. */
const LAST_TRIES: Seconds = 0.2;

/**
 * What the leases of one worker owe to the table: jobs that are to be ready again, and whatever claims took whose
 * answers never came. The database takes it when it can; only `close` waits for that.
 */
export class Debts {
  private readonly holds = new Set<Hold>();
  private readonly claims = new Set<string>();
  private paying: Promise<void> | undefined;
  private nextTry: NodeJS.Timeout | undefined;
  /** Those that wait until nothing is owed. */
  private waiting: (() => void)[] = [];
  private closed = false;

  constructor(
    private readonly dialect: SqlDialect,
    /** Something was given back. */
    private readonly paid: () => void,
  ) {}

  oweJobs(holds: Iterable<Hold>): void {
    for (const hold of holds) this.holds.add(hold);
  }

  /** The database may have carried out this claim. */
  oweClaim(token: string): void {
    this.claims.add(token);
  }

  /** To be called with every answer of the database. Never rejects. */
  pay(): void {
    if (this.paying || !this.any) return;
    clearTimeout(this.nextTry);
    this.paying = this.payAll()
      .catch(() => {
        if (!this.closed) this.nextTry = setTimeout(() => this.pay(), NEXT_TRY_MS);
      })
      .finally(() => (this.paying = undefined));
  }

  /** Resolves when nothing is owed any more, or when these leases have closed. */
  paidAll(): Promise<void> {
    if (!this.any) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /**
   * Pays what is left. A database that is away for a moment is tried again as long as a close may last: a job that runs
   * alone and does not go back would be taken for one that has killed its process. Rejects when the database does not
   * take it.
   */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.nextTry);
    await this.paying;
    try {
      await this.payInTime(performance.now() + (GIVING_BACK - LAST_TRIES) * 1000);
    } finally {
      this.release();
    }
  }

  private async payInTime(lastTry: number): Promise<void> {
    for (;;) {
      try {
        return await this.payAll();
      } catch (error) {
        if (!(error instanceof BackendUnavailableError) || performance.now() > lastTry) throw error;
      }
      await sleep(LAST_TRIES);
    }
  }

  private get any(): boolean {
    return this.holds.size > 0 || this.claims.size > 0;
  }

  /** What is refused is owed no more: its time runs out. Rejects with the first refusal when all else is paid. */
  private async payAll(): Promise<void> {
    const refused: Refused<unknown>[] = [];
    while (this.any) {
      const [holds, claims] = [[...this.holds], [...this.claims]];
      refused.push(...(await apart(holds, (some) => this.dialect.giveBack(some))));
      for (const hold of holds) this.holds.delete(hold);
      refused.push(...(await apart(claims, (some) => this.dialect.giveBackClaims(some))));
      for (const claim of claims) this.claims.delete(claim);
      this.paid();
    }
    this.release();
    if (refused[0]) throw refused[0].error;
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
