import { BackendUnavailableError, InvalidConfigurationError } from '../../../core/contract/errors';
import type { Transacted } from '../../../core/contract/features';
import type { Seconds } from '../../../core/contract/job-data';
import type { Keep } from '../../../core/contract/ports/history';
import { sleep } from '../../../core/time/sleep';
import { codedBeneath } from '../connection/driver-error';
import type { Hold, SqlDialect } from '../engine/dialect';
import { lendHandle } from '../handles/lent-handle';
import { type Caller, knownCaller } from './caller';
import { LibraryRun, type Verdict } from './library-run';
import type { RunTransaction } from './run-transaction';
import type { TransactionsOfHandlers, Work } from './transactions-of-handlers';

/** How long to try for the lock, in seconds, and about how long to wait in between. */
const LOCK_LIMIT: Seconds = 10;
const LOCK_PAUSE: Seconds = 0.01;

/** Transactions that a library of the application's begins and ends. */
export class LibraryTransactions implements TransactionsOfHandlers {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly runTransaction: RunTransaction,
    private readonly dialect: SqlDialect,
    private readonly dataSourceTypes: readonly string[],
  ) {}

  run(hold: Hold, work: Work): Promise<Transacted> {
    if (!this.dialect.oneWriter) return this.runNow(hold, work);
    const turn = this.last.then(() => this.runNow(hold, work));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async runNow(hold: Hold, work: Work): Promise<Transacted> {
    let run: LibraryRun;
    try {
      run = await this.begun(hold, work);
    } catch (error) {
      return { outcome: 'failed', error: this.unavailable(error) };
    }
    await run.ended;
    return this.endOf(run);
  }

  /**
   * Where one alone can write: with the lock. A transaction in which that was not to be had sees an old state of the
   * file, so that only another one can have it.
   */
  private async begun(hold: Hold, work: Work): Promise<LibraryRun> {
    const { oneWriter, faults } = this.dialect;
    const within = (caller: Caller, given: object, run: LibraryRun) =>
      this.within(hold, work, caller, given, run);
    if (!oneWriter) return this.started(within);
    const last = performance.now() + LOCK_LIMIT * 1000;
    for (;;) {
      let conflict: Error | undefined;
      let lock = (): void => {};
      const locked = new Promise<void>((resolve) => (lock = resolve));
      const run = this.started(async (caller, ...others) => {
        await oneWriter.lock(caller.session).catch((error: Error) => {
          conflict = error;
          throw error;
        });
        lock();
        return within(caller, ...others);
      });
      await Promise.race([locked, run.ended]);
      if (run.calls === 0) conflict = codedBeneath(run.rejection?.error, faults) as Error | undefined;
      if (conflict === undefined || faults.faultOf(conflict) !== 'conflict') return run;
      if (performance.now() > last) throw conflict;
      await sleep(LOCK_PAUSE * (0.5 + Math.random()));
    }
  }

  private started(within: (caller: Caller, given: object, run: LibraryRun) => Promise<Verdict>): LibraryRun {
    return new LibraryRun(this.runTransaction, async (given, run) => {
      try {
        return await within(await this.caller(given), given as object, run);
      } catch (error) {
        // Before the handler has begun.
        const reported = this.dialect.faults.reported(error);
        if (reported instanceof BackendUnavailableError) return { outcome: 'failed', error: reported };
        return { outcome: 'threw', error, undone: true };
      }
    });
  }

  private caller(given: unknown): Promise<Caller> {
    return knownCaller(given, this.dialect, this.dataSourceTypes);
  }

  private async within(
    hold: Hold,
    work: Work,
    caller: Caller,
    given: object,
    run: LibraryRun,
  ): Promise<Verdict> {
    await caller.check?.();
    // Outside of a transaction SQLite's savepoint would begin one.
    if (run.over) throw endedEarly();
    const undoable = await this.dialect.callers.mark(caller.session);
    const { handle, takeBack } = lendHandle(given);
    // The function may not wait for the handler.
    void run.ended.then(takeBack);
    let keep: Keep | undefined;
    try {
      keep = (await work(handle)) ?? undefined;
    } catch (error) {
      takeBack();
      const broken = await this.undo(caller, run);
      return broken ? { outcome: 'failed', error: broken } : { outcome: 'threw', error, undone: undoable };
    }
    takeBack();
    if (run.over) return { outcome: 'threw', error: endedEarly(), undone: false };
    try {
      // The handler may have ended it.
      await this.caller(given);
      if (await this.dialect.remove(hold, caller.session, keep)) return { outcome: 'committed' };
    } catch (error) {
      await this.undo(caller, run);
      const reported = this.dialect.faults.reported(error);
      if (reported instanceof BackendUnavailableError) return { outcome: 'failed', error: reported };
      return { outcome: 'threw', error: reported, undone: undoable };
    }
    await this.undo(caller, run);
    return { outcome: 'lost' };
  }

  /** Whatever the library does now, it commits nothing. Resolves with why the connection can be used no more. */
  private async undo(
    { session }: Caller,
    { over }: LibraryRun,
  ): Promise<BackendUnavailableError | undefined> {
    if (over) return undefined;
    try {
      await this.dialect.callers.undo(session);
    } catch (error) {
      const reported = this.dialect.faults.reported(error);
      if (reported instanceof BackendUnavailableError) return reported;
    }
    return undefined;
  }

  private endOf({ calls, verdict, rejection }: LibraryRun): Transacted {
    if (calls > 1) throw wrong('has called its work more than once: begin one transaction, and call it once');
    if (!verdict) {
      if (rejection) return { outcome: 'failed', error: this.unavailable(rejection.error) };
      if (calls === 1) throw endedEarly();
      throw wrong('has resolved without calling its work: call it with the transaction');
    }
    if (verdict.outcome === 'committed' && rejection)
      return { outcome: 'failed', error: this.unavailable(rejection.error) };
    if (verdict.outcome !== 'threw') return verdict;
    if (rejection) throw verdict.error;
    throw swallowed(verdict.error, verdict.undone);
  }

  /** Throws what is no outage. */
  private unavailable(error: unknown): BackendUnavailableError {
    const { faults } = this.dialect;
    const reported = faults.reported(codedBeneath(error, faults));
    if (reported instanceof BackendUnavailableError) return reported;
    throw error;
  }
}

function wrong(what: string, options?: ErrorOptions): InvalidConfigurationError {
  return new InvalidConfigurationError(`The function transaction of sqlBackend() ${what}.`, options);
}

function endedEarly(): InvalidConfigurationError {
  return wrong('has ended before its work had: wait for the promise that the work returns');
}

function swallowed(cause: unknown, undone: boolean): InvalidConfigurationError {
  const effect = undone ? 'nothing was committed' : 'what the handler wrote may have been committed';
  return wrong(`has resolved although its work had failed, and ${effect}: reject with the same error`, {
    cause,
  });
}
