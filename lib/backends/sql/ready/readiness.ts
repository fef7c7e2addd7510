import type { Seconds } from '../../../core/contract/job-data';
import type { Logger } from '../../../core/contract/logger';
import { CancelledJobs, type JobHolder } from '../cancelling/cancelled-jobs';
import type { SqlDialect } from '../engine/dialect';
import type { HistoryLimits } from '../history/history-limits';
import { HistoryPruner } from '../history/history-pruner';
import { JournalPruner } from '../journal/journal-pruner';
import { JournalRows } from '../journal/journal-rows';
import { GoneWorkers } from '../registry/gone-workers';
import { DueSchedules } from '../schedules/due-schedules';
import { Untaken } from '../schedules/untaken';
import { DueJobs } from './due-jobs';
import { LeaseGrace } from './lease-grace';
import { Poller } from './poller';
import { Pruner } from './pruner';
import { Stager } from './stager';
import { ToldRefusal } from './told-refusal';
import { type Waiter, Waiters } from './waiters';
import type { WakeUp } from './wake-up';

/**
 * Where everything that makes jobs ready meets everyone who waits for them: this process (a put, a kick, a retry),
 * other processes (the wake-up, or the poller where none arrives), and time (the stager).
 */
export class Readiness {
  /** Whether leases that ran out are let be now. */
  readonly grace = new LeaseGrace();
  readonly cancelled: CancelledJobs;
  /** What is kept goes again. */
  readonly history: HistoryPruner;
  private readonly waiters = new Waiters();
  private readonly stager: Stager;
  private readonly poller: Poller;
  private hearing: Promise<void> | undefined;

  constructor(
    private readonly dialect: SqlDialect,
    private readonly wakeUp: WakeUp,
    logger: Logger,
    limits: HistoryLimits,
  ) {
    this.cancelled = new CancelledJobs(dialect, () => wakeUp.arriving);
    this.poller = new Poller(
      // A look under way brings the answer, too: no second connection waits for it.
      async (pipelines) => (this.stager.looking ? [] : dialect.readyOf(pipelines)),
      this.waiters,
      () => !wakeUp.arriving,
    );
    const refusal = (rows: string): ToldRefusal => new ToldRefusal(rows, logger);
    this.history = new HistoryPruner(
      dialect,
      limits,
      refusal('Kept jobs whose time is over, or buried ones beyond their limit,'),
    );
    const untaken = new Untaken(dialect, () => this.waiters.pipelines, logger);
    const schedules = new DueSchedules(dialect, (pipelines) => this.announce(pipelines), untaken, logger);
    const unique = new Pruner(dialect.unique, refusal('Unique keys whose time is over'));
    const journal = new Pruner(
      new JournalPruner(new JournalRows(dialect)),
      refusal('Progress and log lines of jobs that are gone'),
    );
    const workers = new Pruner(new GoneWorkers(dialect), refusal('Rows of workers that are gone'));
    this.stager = new Stager({
      due: new DueJobs(dialect),
      waiters: this.waiters,
      asked: () => this.poller.skip(),
      grace: this.grace,
      schedules,
      chores: [
        ...[unique, journal, workers, this.history].map((pruner) => () => pruner.prune()),
        () => untaken.look(),
      ],
    });
  }

  /** To be awaited before the first look of a waiter: a job that is put in between would wait for the poller. */
  hear(): Promise<void> {
    return (this.hearing ??= this.wakeUp.open(
      (pipeline) => {
        if (pipeline === undefined) this.cancelled.doubt();
        this.wake(pipeline);
      },
      () => void this.cancelled.heard(),
    ));
  }

  add(waiter: Waiter & JobHolder): void {
    this.waiters.add(waiter);
    this.cancelled.add(waiter);
    this.stager.expect(0);
  }

  remove(waiter: Waiter & JobHolder): void {
    this.waiters.remove(waiter);
    this.cancelled.remove(waiter);
    if (this.waiters.any) return;
    this.stager.stop();
    this.poller.stop();
  }

  /** The database has answered a waiter. */
  answered(): void {
    this.waiters.answered();
  }

  /** A waiter begins to wait. */
  awaited(): void {
    this.poller.start();
  }

  /** Jobs of that pipeline, or of any, may be ready. */
  wake(pipeline?: string): void {
    this.poller.hurry();
    this.waiters.wake(pipeline);
  }

  /** This process made jobs ready: wakes its own workers and tells other processes. */
  announce(pipelines: readonly string[]): void {
    this.dialect.announce(pipelines);
    for (const pipeline of pipelines) this.wake(pipeline);
  }

  /** A delay, lease or pause ends after that time. */
  expect(within: Seconds): void {
    if (this.waiters.any) this.stager.expect(within);
  }

  /** Leaves no statement under way. */
  async close(): Promise<void> {
    this.hearing = undefined;
    this.cancelled.close();
    this.stager.stop();
    this.poller.stop();
    await Promise.all([this.wakeUp.close(), this.stager.idle(), this.poller.idle()]);
  }
}
