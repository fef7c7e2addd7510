import { JobCancelledError } from '../contract/errors';
import type { Leased, Seconds } from '../contract/job-data';
import type { Leases } from '../contract/leases';
import type { IsolationMember } from '../process/isolation';
import { type Holder, loseReservation, renewNow } from '../process/keep-alive';
import { sleep } from '../time/sleep';
import { setImmediate } from '../time/timers';
import { Completions, type FinishedJob } from './completions';
import { GivenBack } from './given-back';
import { HeldWatch } from './held-watch';
import { Intake, type Startable } from './intake';
import { Life } from './life';
import { PoisonCell, type PoisonCellHost } from './poison-cell';
import { Retries } from './retries';
import { HandlerRuns } from './run/handler-runs';
import { RunningJob, type RunningJobHost } from './run/running-job';
import { RunningJournal } from './run/running-journal';
import type { TransactionRunner } from './run/transaction-runner';
import { Settler } from './settler';
import type { WorkerOptions, WorkerSurroundings } from './worker-options';

/** How long one reserve waits when no job comes. */
const WAIT: Seconds = 30;

/*
 * The loop of one pipeline. It has no clock of its own: a call to the backend settles every job that has ended and
 * takes as many as there is room for (`Intake`); when it returns, handlers start, one macrotask passes, and
 * everything that has ended by then goes into the next call.
 *
 *            turn ──── something has ended ────▶ settling: settle(ends, wanted)
 *             ▲  └─ nothing, but a free slot ──▶ waiting:  reserve(wanted, wait)
 *             └──── an answer, or a handler that ends ────┘  (setImmediate)
 *
 * At most one call of each kind is under way, but for settlements of a system that does two at once sooner than one of
 * both: there some jobs run while others are settled. The macrotask lets handlers that end in the same tick share a call,
 * and keeps timers and signals alive when a driver is synchronous: with better-sqlite3 a loop of awaits runs on
 * microtasks alone and starves them.
 */
export class Loop implements Holder, RunningJobHost, IsolationMember, PoisonCellHost {
  readonly running = new Map<Leased, RunningJob>();
  /** For handlers that write in transactions. */
  transactions: TransactionRunner | undefined;

  readonly journal: RunningJournal;
  private readonly settler: Settler;
  private readonly retries: Retries;
  readonly completions = new Completions();
  readonly givenBack: GivenBack;
  private readonly intake: Intake;
  private readonly poison: PoisonCell;
  private readonly runs: HandlerRuns;
  private turnScheduled = false;
  private waiting = false;
  private readonly heldWatch: HeldWatch;
  /** Jobs whose handlers failed after the worker had stopped waiting for them. */
  private readonly abandoned: RunningJob[] = [];
  readonly life = new Life();
  private whenIdle: (() => void) | undefined;

  constructor(
    readonly leases: Leases,
    private readonly options: WorkerOptions,
    private readonly context: WorkerSurroundings,
  ) {
    const { concurrency, prefetch, pipeline } = options;
    const { budget, clock, presence, reporter } = context;
    const { returns, abreastFrom } = leases;
    this.intake = new Intake({ concurrency, prefetch, returns, abreastFrom, budget, presence, clock });
    const encode = (value: unknown) => options.runner.encoded(value);
    this.journal = new RunningJournal(leases, encode, (jobs) => this.loseAll(jobs), context);
    this.settler = new Settler(leases, reporter, this.journal);
    this.givenBack = new GivenBack(leases, () => this.poison.check());
    this.retries = new Retries(pipeline, context);
    this.runs = new HandlerRuns(options.runner, context);
    this.poison = new PoisonCell(context, options.runner, this);
    this.heldWatch = new HeldWatch(this.intake, () => this.fillSlots());
  }

  start(): void {
    this.context.keepAlive.add(this);
    this.context.isolation.add(this);
    this.context.health.onBack(this.onBack);
    this.scheduleTurn();
  }

  /** Takes no more jobs and gives back those that were not started; running handlers go on. */
  stopReserving(): void {
    this.life.stop();
    this.givenBack.add(this.intake.clear());
    this.poison.clear();
  }

  /** Waits for no handler any longer. */
  giveUp(reason: Error): void {
    this.life.giveUp();
    for (const running of this.running.values()) {
      running.abandoned = true;
      running.abort(reason);
    }
  }

  /** Returns the jobs that have not ended, which closing the leases gives back. */
  end(): Leased[] {
    const { keepAlive, isolation, health, reporter } = this.context;
    const unfinished = [...this.abandoned, ...this.running.values()];
    keepAlive.remove(this);
    isolation.remove(this);
    health.offBack(this.onBack);
    this.heldWatch.stop();
    this.journal.close();
    reporter.unfinished(unfinished);
    return unfinished.map(({ reserved }) => reserved);
  }

  /** The leases are closed: nothing that was alone is on its way any more. */
  closed(): void {
    this.poison.end();
  }

  touch(jobs: readonly Leased[]): Promise<Leased[]> {
    return this.retries.renew(this.leases, jobs);
  }

  renew = (running: RunningJob): Promise<void> => renewNow(this, running);

  transact: RunningJobHost['transact'] = async (...args) => this.transactions?.run(...args);

  lost(running: RunningJob): void {
    this.runs.lost(running);
    if (this.poison.hasLost(running)) return;
    // A job that waits for its own earlier run has reported no start.
    if (running.started) this.context.reporter.lostInMidRun(running);
  }

  /** The backend knows already that these leases have ended. */
  loseAll(jobs: readonly Leased[], cause?: Error): void {
    this.intake.lose(jobs);
    for (const job of jobs) {
      const running = this.running.get(job);
      if (running) loseReservation(this, running, cause);
      else if (cause instanceof JobCancelledError) this.completions.cancelled(job, cause);
    }
  }

  /** Whether it holds jobs that have not ended, or whose end is not settled. */
  get busy(): boolean {
    return this.intake.waiting > 0 || this.unsettled;
  }

  get occupied(): boolean {
    // What is not settled or not given back yet would be lost with the process, as if its handler had killed it.
    const handlers = this.running.size - this.poison.size;
    const ends = this.completions.any || this.givenBack.underWay;
    return ends || handlers > 0 || this.intake.waiting > 0;
  }

  clearTheWay(): void {
    if (this.leases.returns) this.givenBack.add(this.intake.clear());
  }

  goOn(): void {
    this.fillSlots();
    this.scheduleTurn();
  }

  private get mayReserve(): boolean {
    return this.life.phase === 'working' && !this.context.isolation.wanted;
  }

  private get unsettled(): boolean {
    return this.running.size > 0 || this.completions.any;
  }

  private readonly onBack = (): void => {
    this.retries.tryNow();
    this.fillSlots();
    this.scheduleTurn();
  };

  private scheduleTurn(): void {
    if (this.turnScheduled) return;
    this.turnScheduled = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.turnScheduled = false;
    const { completions, intake } = this;
    const fewSoFar = completions.settlements === 0 && completions.areFewSoFar(intake);
    const enough = this.context.health.lost ? Infinity : intake.worthOneMore;
    if (!fewSoFar) for (const finished of completions.due(enough)) void this.settle(finished);
    const hungry = this.mayReserve && intake.emptySlots > 0 && intake.wantedBeside(completions.size) > 0;
    if (hungry && !this.waiting && completions.settlements === 0) void this.wait();
    if (intake.renewStarts()) setImmediate(() => (fewSoFar ? this.goOn() : this.fillSlots()));
    // Jobs that were not started do not count: where they cannot be given back, closing the leases does it.
    if (!this.unsettled && !this.waiting) this.whenIdle?.();
  }

  private async settle(finished: readonly FinishedJob[]): Promise<void> {
    const wanted = this.mayReserve ? this.intake.wantedBeside(this.completions.size) : 0;
    const sentAt = this.context.clock.now();
    this.intake.promise(wanted);
    try {
      const { lost, next } = await this.settler.settle(finished, wanted);
      this.intake.measured(this.context.clock.now() - sentAt);
      // That jobs are lost may be known without the server, when a connection broke that held them.
      this.answered(lost < finished.length || next.length > 0);
      this.take(next, sentAt);
    } catch (error) {
      if (this.life.phase === 'giving up') this.context.reporter.gaveUp(finished, error);
      else {
        this.completions.putBack(finished.filter(({ running }) => !running.told));
        await this.retries.wait(this.unanswered(error), this.life.givingUp);
      }
    } finally {
      this.completions.answered(finished);
      this.poison.check();
      this.intake.resolvePromise(wanted);
      this.scheduleTurn();
    }
  }

  private async wait(): Promise<void> {
    const wanted = this.intake.wantedBeside(this.completions.size);
    const { clock, health } = this.context;
    let lookedAt: number | undefined;
    this.waiting = true;
    this.intake.promise(wanted);
    try {
      // Not in an outage: a reply that waits for a job would report its end late.
      const wait = health.lost ? 0 : WAIT;
      const jobs = await this.leases.reserve(wanted, wait, this.life.stopping, () => {
        lookedAt = clock.now();
      });
      this.answered();
      this.take(jobs, lookedAt ?? clock.now());
    } catch (error) {
      await this.retries.wait(this.unanswered(error), this.life.stopping);
    } finally {
      this.waiting = false;
      this.intake.resolvePromise(wanted);
      this.scheduleTurn();
    }
  }

  private take(jobs: readonly Leased[], sentAt: number): void {
    if (jobs.length === 0) return;
    const poison =
      this.life.phase === 'working' ? jobs.filter((job) => this.options.runner.isPoison(job)) : [];
    this.intake.accept(poison.length > 0 ? jobs.filter((job) => !poison.includes(job)) : jobs, sentAt);
    this.poison.admit(poison, sentAt);
    // Jobs that come after the stop, or while a poison job is to be alone, go back with those not started.
    if (!this.mayReserve) this.clearTheWay();
    this.givenBack.add(this.intake.surplus());
    this.fillSlots();
  }

  private fillSlots(): void {
    // What is held now goes back, when the leases close at the latest. In an outage a lease may run out unseen.
    if (this.life.phase !== 'working' || this.context.health.lost) return;
    if (this.context.isolation.wanted && this.leases.returns) return;
    this.givenBack.add(this.intake.surplus());
    for (let next = this.intake.next(); next; next = this.intake.next()) this.run(next);
    if (this.intake.startsUsedUp) this.scheduleTurn();
    this.heldWatch.start();
  }

  private run({ job, renewAt }: Startable): void {
    const running = new RunningJob(job, this, renewAt);
    this.running.set(job, running);
    this.handle(running);
  }

  handle = (running: RunningJob): void => void this.runHandler(running);

  get mayStart(): boolean {
    return this.life.phase === 'working' && this.context.budget.left > 0;
  }

  /** From the start of the handler to the end of the run. Never rejects, and never keeps a slot. */
  private async runHandler(running: RunningJob): Promise<void> {
    this.intake.started();
    this.context.keepAlive.watch();
    const { run, duration } = await this.runs.run(running, () => this.mayStart, this.life.stopping);
    // A handler that threw because its signal was aborted has not failed: closing the leases gives the job back.
    if (this.journal.used && (!run || run.settled || running.lost)) this.journal.forget([running.reserved]);
    if (running.abandoned && run && 'error' in run) this.abandoned.push(running);
    else if (run?.settled) this.context.reporter.settled({ running, ...run });
    else if (run && !running.lost) this.completions.add({ running, ...run });
    else if (!run) this.givenBack.add([running.reserved]);
    this.running.delete(running.reserved);
    this.intake.ended(duration);
    this.poison.check();
    this.fillSlots();
    this.scheduleTurn();
  }

  private answered(byTheServer = true): void {
    if (byTheServer) this.context.health.answered();
    this.retries.succeeded();
  }

  /** A call has failed. Returns how long to wait before the next one. */
  private unanswered(error: unknown): Seconds {
    const wait = this.retries.failed(error);
    // What is leased may run out unseen: it is not started any more.
    if (this.context.health.lost && this.leases.returns) this.givenBack.add(this.intake.clear());
    return wait;
  }

  /** Resolves when nothing is left to do, or after that time. */
  async idleWithin(duration: Seconds): Promise<void> {
    this.scheduleTurn();
    const waiting = new AbortController();
    this.whenIdle = () => waiting.abort();
    await sleep(duration, waiting.signal);
    this.whenIdle = undefined;
  }
}
