import { BackendRefusedError } from '../contract/errors';
import type { Leased, Seconds } from '../contract/job-data';
import type { LoneRuns } from '../contract/leases';
import type { Isolation } from '../process/isolation';
import type { KeepAlive } from '../process/keep-alive';
import { clearTimeout, setTimeout } from '../time/timers';
import type { Completions } from './completions';
import type { GivenBack } from './given-back';
import type { Life } from './life';
import type { JobRunner } from './run/job-runner';
import { RunningJob, type RunningJobHost } from './run/running-job';
import type { WorkerSurroundings } from './worker-options';

/** How long a job is kept that cannot be alone now: to give it back at once would be to get it at once. */
const KEPT: Seconds = 5;
/** How long others wait for what became of a lone run to arrive: in an outage those of another backend's queue, too. */
const ARRIVAL: Seconds = 30;

/** What a cell needs of its worker. */
export interface PoisonCellHost extends RunningJobHost {
  readonly running: Map<Leased, RunningJob>;
  readonly leases: { readonly loneRuns?: LoneRuns };
  readonly completions: Pick<Completions, 'has'>;
  readonly givenBack: Pick<GivenBack, 'has' | 'add'>;
  /** Whether any job may start at all. */
  readonly mayStart: boolean;
  /** While it gives up, closing its leases gives back what is left. */
  readonly life: Pick<Life, 'phase'>;
  handle(running: RunningJob): void;
}

/**
 * One worker's poison jobs until they run. Each is buried when it was lost in a run that was alone, and else waits for
 * such a run: the backend notes its start, so that only its own end can condemn it, and not that of a process in
 * which it waited. They are renewed like running ones.
 */
export class PoisonCell {
  private readonly inside = new Set<RunningJob>();
  /** The one that is alone, or waits for that. */
  private lone: RunningJob | undefined;
  private arrival: NodeJS.Timeout | undefined;

  private readonly isolation: Isolation;
  private readonly keepAlive: KeepAlive;

  constructor(
    { isolation, keepAlive }: Pick<WorkerSurroundings, 'isolation' | 'keepAlive'>,
    private readonly runner: JobRunner,
    private readonly host: PoisonCellHost,
  ) {
    this.isolation = isolation;
    this.keepAlive = keepAlive;
  }

  get size(): number {
    return this.inside.size;
  }

  /** Poison jobs of a claim that was sent then. */
  admit(jobs: readonly Leased[], sentAt: number): void {
    for (const job of jobs) {
      const poison = new RunningJob(job, this.host, sentAt + job.ttr * 500);
      this.inside.add(poison);
      this.host.running.set(job, poison);
      this.keepAlive.watch();
      if (this.runner.isLostTooOften(job)) void this.judge(poison);
      else this.isolate(poison);
    }
  }

  /** None of them starts here: they go back. */
  clear(): void {
    for (const poison of [...this.inside]) this.drop(poison);
  }

  /**
   * To be called whenever a run has ended, or what became of it has arrived. Others may start after both: a run that was
   * alone would else be lost with whatever they do to the process, as if it had done it.
   */
  check(): void {
    const { lone, host } = this;
    if (!lone || host.life.phase === 'giving up' || host.running.has(lone.reserved))
      return this.isolation.check();
    if (!host.completions.has(lone) && !host.givenBack.has(lone.reserved)) return this.end();
    this.arrival ??= setTimeout(() => this.end(), ARRIVAL * 1000).unref();
    this.isolation.check();
  }

  /** Nothing of this worker is alone any more. */
  end(): void {
    if (!this.lone) return;
    this.lone = undefined;
    clearTimeout(this.arrival);
    this.arrival = undefined;
    this.isolation.leave();
  }

  /** Whether it is one of them: another worker has it then, and no job is to be held up. */
  hasLost(running: RunningJob): boolean {
    const removed = this.remove(running);
    if (removed) this.check();
    return removed;
  }

  /** Without evidence it has another run: one that is alone, so that its loss is evidence. Never rejects. */
  private async judge(poison: RunningJob): Promise<void> {
    const { loneRuns } = this.host.leases;
    if (loneRuns && this.runner.asksForEvidence) {
      poison.condemned = await loneRuns.lost(poison.reserved).catch(() => false);
    } else poison.condemned = true;
    if (!this.inside.has(poison)) return;
    if (poison.condemned) this.run(poison);
    else this.isolate(poison);
  }

  private isolate(poison: RunningJob): void {
    if (this.isolation.resting) return this.keep(poison);
    if (this.isolation.wanted) return this.drop(poison);
    this.lone = poison;
    this.isolation.enter({
      start: () => void this.begin(poison),
      giveUp: () => {
        this.lone = undefined;
        this.keep(poison);
      },
    });
  }

  /** Nothing else runs. Never rejects. */
  private async begin(poison: RunningJob): Promise<void> {
    const { loneRuns } = this.host.leases;
    let noted = true;
    try {
      if (loneRuns) noted = await loneRuns.begin(poison.reserved);
    } catch (error) {
      // Without an answer the note may stand, until the job has been given back.
      noted = false;
      if (error instanceof BackendRefusedError && this.inside.has(poison)) {
        this.keep(poison);
        return this.end();
      }
    }
    if (!this.inside.has(poison)) return;
    if (noted) this.run(poison);
    else this.drop(poison);
  }

  private run(poison: RunningJob): void {
    if (!this.host.mayStart) return this.drop(poison);
    this.inside.delete(poison);
    this.host.handle(poison);
  }

  private keep(poison: RunningJob): void {
    setTimeout(() => this.drop(poison), KEPT * 1000).unref();
  }

  private drop(poison: RunningJob): void {
    if (!this.remove(poison)) return;
    this.host.givenBack.add([poison.reserved]);
    this.check();
  }

  private remove(poison: RunningJob): boolean {
    return this.inside.delete(poison) && this.host.running.delete(poison.reserved);
  }
}
