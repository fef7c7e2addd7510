import { WorkerStoppedError } from '../contract/errors';
import { feature } from '../contract/features';
import type { Leased, Seconds } from '../contract/job-data';
import type { Leases } from '../contract/leases';
import { closeInTime } from '../time/close-in-time';
import { Idle } from '../time/idle';
import { sleep } from '../time/sleep';
import { Ahead, type JobAhead } from './ahead';
import { type Holder, loseAll, renewNow } from './keep-alive';
import { LostRuns } from './lost-runs';
import { Quarantine } from './quarantine';
import { RunningJob, type RunningJobHost } from './running-job';
import { type FinishedJob, Settler, settlementOf } from './settler';
import { Slice } from './slice';
import { TransactionRunner } from './transaction-runner';
import type { WorkerOptions, WorkerSurroundings } from './worker-options';

/** How long one waiting exchange lasts when no job comes. */
const WAIT: Seconds = 30;
/** How long handlers may take to react to the abort of their signal before their jobs are given back. */
const ABORT_GRACE: Seconds = 1;

/*
 * The loop of one pipeline. It has no clock of its own: an exchange with the backend hands back every job that
 * has ended and takes as many as there are free slots; when it answers, the handlers start, one macrotask
 * passes, and everything that has ended by then goes into the next exchange.
 *
 *            turn ──── something has ended ────▶ settle: exchange(settle, reserve)
 *             ▲  └─ nothing, but a free slot ──▶ wait:   exchange(reserve, wait)
 *             └──── an answer, or a handler that ends ────┘  (setImmediate)
 *
 * At most one exchange of each kind is under way. The macrotask lets handlers that end in the same tick share
 * an exchange, and keeps timers and signals alive when a driver is synchronous: with better-sqlite3 a loop of
 * awaits runs on microtasks alone and starves them.
 */
export class Worker implements Holder, RunningJobHost {
  readonly running = new Map<Leased, RunningJob>();
  readonly pipeline: string;

  private leases: Leases | undefined;
  private transactions: TransactionRunner | undefined;
  private readonly settler: Settler;
  private ahead: Ahead;
  private readonly quarantine: Quarantine;
  /** How many jobs the exchanges under way may bring. */
  private promised = 0;
  private turnScheduled = false;
  private readonly slice = new Slice();
  private readonly lostRuns = new LostRuns();
  private settling = false;
  private waiting = false;
  /** Jobs whose handlers failed after the worker had stopped waiting for them. */
  private readonly abandoned: Leased[] = [];
  private readonly stopping = new AbortController();
  private readonly givingUp = new AbortController();
  private readonly whenIdle = new Idle();

  constructor(
    private readonly options: WorkerOptions,
    private readonly surroundings: WorkerSurroundings,
  ) {
    this.pipeline = options.pipeline;
    this.settler = new Settler(surroundings.events, surroundings.logger);
    this.ahead = new Ahead(options.concurrency, false, undefined);
    this.quarantine = new Quarantine((job) => this.ahead.returns && options.runner.isSuspect(job));
  }

  async start(): Promise<void> {
    const leases = await this.lease();
    const { concurrency, prefetch } = this.options;
    if (leases.returns) this.ahead = new Ahead(concurrency, prefetch, (jobs) => leases.giveBack(jobs));
    this.leases = leases;
    this.surroundings.keepAlive.add(this);
    this.scheduleTurn();
  }

  /** Takes no more jobs and gives back those that were not started; running handlers go on. */
  stopReserving(): void {
    this.stopping.abort();
    this.ahead.clear();
    this.quarantine.call();
  }

  /**
   * Lets running handlers end for at most that long, then aborts their signals and gives their jobs back at no
   * attempt. Answers the jobs that were given back.
   */
  async drain(within: Seconds): Promise<Leased[]> {
    this.stopReserving();
    await this.idleWithin(within);
    this.givingUp.abort();
    for (const running of this.running.values()) {
      running.abandoned = true;
      running.abort(new WorkerStoppedError());
    }
    await this.idleWithin(ABORT_GRACE);
    const givenBack = [...this.abandoned, ...this.running.keys()];
    this.surroundings.keepAlive.remove(this);
    if (this.leases)
      await closeInTime(this.leases, this.surroundings.backend.name, `the worker of ${this.pipeline}`);
    return givenBack;
  }

  async touch(jobs: readonly Leased[]): Promise<Leased[]> {
    try {
      const lost = await this.held.renew(jobs);
      if (lost.length < jobs.length) this.surroundings.outage.answered();
      return lost;
    } catch (error) {
      this.surroundings.outage.failed(error);
      throw error;
    }
  }

  renew(running: RunningJob): Promise<void> {
    return renewNow(this, running);
  }

  async transact(running: RunningJob, work: (transaction: object) => Promise<void>): Promise<void> {
    if (!this.transactions) throw new Error(`The worker of ${this.pipeline} has no transactions`);
    await this.transactions.run(running, work);
  }

  lost(running: RunningJob): void {
    const { reserved: job } = running;
    if (running.started) this.lostRuns.begin(job.id);
    this.surroundings.logger.warn(
      `Job ${job.id} of ${job.pipeline} is no longer ours while its handler runs; it runs again`,
    );
    this.surroundings.events.emit('lost', { job });
  }

  /** Whether it holds jobs that have not ended, or whose end is not settled. */
  get busy(): boolean {
    return this.ahead.size > 0 || this.unsettled;
  }

  private get freeSlots(): number {
    return this.options.concurrency - this.running.size;
  }

  /** How many more jobs there is room for, ahead of free slots included. */
  private get room(): number {
    if (this.stopping.signal.aborted || this.quarantine.occupied) return 0;
    const most = Math.min(this.freeSlots + this.ahead.capacity, this.surroundings.allowance.left);
    return Math.max(0, most - this.ahead.size - this.promised);
  }

  private get idle(): boolean {
    // Jobs that were not started do not count: where they cannot be given back, closing the leases does it.
    return !this.unsettled && !this.quarantine.occupied && !this.waiting;
  }

  private get unsettled(): boolean {
    return this.running.size > 0 || this.settler.size > 0 || this.settling;
  }

  private scheduleTurn(): void {
    if (this.turnScheduled) return;
    this.turnScheduled = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.turnScheduled = false;
    if (this.settler.size > 0 && !this.settling) void this.settle();
    const hungry = this.freeSlots > this.ahead.size && this.room > 0;
    if (hungry && !this.waiting && !this.settling) void this.wait();
    if (this.slice.used) setImmediate(() => this.fillSlots());
    this.slice.renew();
    if (this.idle) this.whenIdle.reached();
  }

  private async settle(): Promise<void> {
    const finished = this.settler.take();
    this.settling = true;
    try {
      await this.exchange(finished, 0);
    } catch (error) {
      if (this.givingUp.signal.aborted) this.settler.giveUp(finished, error);
      else {
        this.settler.putBack(finished);
        await this.backOff(error, this.givingUp.signal);
      }
    } finally {
      this.settling = false;
      this.scheduleTurn();
    }
  }

  private async wait(): Promise<void> {
    this.waiting = true;
    try {
      // Not in an outage: an answer that waits for a job would be late news of its end.
      await this.exchange([], this.surroundings.outage.lasts ? 0 : WAIT);
    } catch (error) {
      await this.backOff(error, this.stopping.signal);
    } finally {
      this.waiting = false;
      this.scheduleTurn();
    }
  }

  /** Hands back what has ended, tells what became of it, and starts what it gets. */
  private async exchange(finished: readonly FinishedJob[], wait: Seconds): Promise<void> {
    const ends = finished.map(settlementOf);
    const room = this.room;
    this.promised += room;
    try {
      const { lost, next } =
        ends.length > 0
          ? await this.held.settle(ends, room)
          : { lost: [], next: await this.held.reserve(room, wait, this.stopping.signal) };
      // That jobs are lost may be known without the server, when a connection broke that held them.
      const onlyLosses = lost.length > 0 && lost.length === ends.length && next.length === 0;
      if (!onlyLosses) this.surroundings.outage.answered();
      if (finished.length > 0) this.settler.settled(finished, lost);
      this.ahead.adjust();
      this.take(next);
    } finally {
      this.promised -= room;
    }
  }

  private take(reserved: readonly Leased[]): void {
    if (reserved.length === 0) return;
    const suspect = this.quarantine.admit(reserved);
    this.ahead.add(reserved.filter((job) => job !== suspect));
    // Jobs that come after the stop, or while a suspect is to be alone, are given back with those not started.
    if (this.stopping.signal.aborted || this.quarantine.occupied) this.ahead.clear();
    if (suspect) void this.run({ job: suspect, renewAt: performance.now() + suspect.ttr * 500 }, true);
    this.fillSlots();
  }

  private fillSlots(): void {
    // What is held now goes back, when the leases close at the latest.
    if (this.stopping.signal.aborted) return;
    while (this.freeSlots > 0 && this.ahead.size > 0 && this.surroundings.allowance.left > 0) {
      // It goes on after the turn, whether a handler has ended until then or not.
      if (this.slice.full) return this.scheduleTurn();
      const next = this.ahead.next();
      if (!next) break;
      this.slice.start();
      void this.run(next);
    }
    this.ahead.watch();
  }

  private async lease(): Promise<Leases> {
    const { backend, outage, logger } = this.surroundings;
    if (!this.options.transaction)
      return backend.lease([this.pipeline], (jobs, cause) => loseAll(this, this.ahead, jobs, cause));
    const leases = await feature(backend, 'handlerTransactions').lease([this.pipeline]);
    this.transactions = new TransactionRunner(leases, this, outage, logger);
    return leases;
  }

  private get held(): Leases {
    if (!this.leases) throw new Error(`The worker of ${this.pipeline} was not started`);
    return this.leases;
  }

  private backOff(error: unknown, until: AbortSignal): Promise<void> {
    return sleep(this.surroundings.outage.failed(error), until);
  }

  private async run({ job: reserved, renewAt }: JobAhead, alone = false): Promise<void> {
    const running = new RunningJob(reserved, this, renewAt);
    this.running.set(reserved, running);
    this.surroundings.keepAlive.watch();
    const earlier = this.lostRuns.whenEnded(reserved.id, this.stopping.signal);
    if (earlier && !(await earlier.then(() => this.mayStart(running)))) return;
    if (alone && !(await this.mayRunAlone(running))) return;
    this.surroundings.allowance.take();
    const startedAt = performance.now();
    if (reserved.timeouts > 0) this.surroundings.events.emit('stalled', { job: reserved });
    this.surroundings.events.emit('started', { job: reserved });
    const run = await this.options.runner.run(running);
    this.ahead.ended(performance.now() - startedAt);
    this.running.delete(reserved);
    if (running.lost) this.lostRuns.end(reserved.id);
    // A handler that threw because its signal was aborted has not failed: closing the leases gives the job back.
    if (running.abandoned && 'error' in run) this.abandoned.push(reserved);
    else if (run.settled) this.settler.tell({ running, ...run });
    else if (!running.lost) this.settler.add({ running, ...run });
    this.quarantine.leave(reserved);
    if (this.running.size === 1) this.quarantine.call();
    this.fillSlots();
    this.scheduleTurn();
  }

  /** Waits until nothing else runs or is held: the suspect may end the process as soon as it starts. */
  private async mayRunAlone(running: RunningJob): Promise<boolean> {
    const turn = this.quarantine.turn();
    if (this.running.size === 1 || this.stopping.signal.aborted) this.quarantine.call();
    await turn;
    return this.mayStart(running);
  }

  /** After it has waited; gives it back when it may not. */
  private mayStart(running: RunningJob): boolean {
    if (!this.stopping.signal.aborted && !running.lost && this.surroundings.allowance.left > 0) return true;
    this.running.delete(running.reserved);
    if (!running.lost) this.held.giveBack([running.reserved]);
    this.quarantine.leave(running.reserved);
    this.scheduleTurn();
    return false;
  }

  private idleWithin(duration: Seconds): Promise<void> {
    this.scheduleTurn();
    return this.whenIdle.within(duration);
  }
}
