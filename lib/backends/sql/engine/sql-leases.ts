import type { JobId, Leased, Seconds } from '../../../core/contract/job-data';
import type { Leases, LoneRuns, LostListener, Settled, Settlement } from '../../../core/contract/leases';
import type { JournalEntry } from '../../../core/contract/ports/journal';
import type { Reasons } from '../cancelling/cancelled-jobs';
import { LostLeases, lostOf } from '../cancelling/lost-leases';
import { Debts } from '../claims/debts';
import { exchangeApart } from '../claims/exchange-apart';
import { mostUrgentPipeline } from '../claims/most-urgent-pipeline';
import { Renewals } from '../claims/renewals';
import { wasLostAlone } from '../claims/was-lost-alone';
import { exchangeKeeping } from '../history/exchange-keeping';
import { JournalRows } from '../journal/journal-rows';
import { type JournalHold, LeaseJournal } from '../journal/lease-journal';
import type { Readiness } from '../ready/readiness';
import { Sleepers } from '../ready/sleepers';
import type { Waiter } from '../ready/waiters';
import { changeOf } from './change-of';
import type { Change, Claim, KeptEnd, SqlDialect, SqlExchangeAnswer } from './dialect';

export type Held = JournalHold;

/*
 * Leases by token. Every claim has a fresh one, written into the rows that it takes and named by every settlement.
 *
 * A settlement's statement matches ids and tokens as two sets, not as pairs. That is safe: `held` knows one token
 * for an id, the newest one that was answered, and a job object that does not belong to it is lost without asking.
 * So a row could match a wrong pair only if it had been claimed here again in a claim whose token is in the set; but
 * then that claim was answered, and `held` would have the newer token.
 */
export class SqlLeases implements Leases, Waiter {
  readonly returns = true;
  readonly plans = true;
  readonly abreastFrom: number;
  readonly loneRuns: LoneRuns = {
    begin: (job) => this.tracked(this.beginAlone(job)),
    lost: (job) => this.tracked(wasLostAlone(this.dialect, job)),
  };
  protected readonly held = new Map<JobId, Held>();
  private readonly renewals: Renewals;
  private readonly debts: Debts;
  private readonly journal: LeaseJournal;
  protected readonly losses: LostLeases;
  private readonly underWay = new Set<Promise<unknown>>();
  private claims = 0;
  private dry = false;
  private readonly sleepers = new Sleepers();
  private closed: Promise<void> | undefined;

  constructor(
    /** Of no other leases on the table: a fresh token is this name and the claim's number. */
    private readonly name: string,
    readonly pipelines: readonly string[],
    protected readonly dialect: SqlDialect,
    protected readonly readiness: Readiness,
    onLost?: LostListener,
  ) {
    this.abreastFrom = dialect.abreastFrom ?? Infinity;
    this.renewals = new Renewals(dialect, readiness.grace);
    this.debts = new Debts(dialect, () => readiness.announce(pipelines));
    this.journal = new LeaseJournal(new JournalRows(dialect));
    this.losses = new LostLeases(readiness.cancelled, onLost);
    readiness.add(this);
  }

  get waiting(): boolean {
    return this.sleepers.any;
  }

  wake(): void {
    this.dry = false;
    this.sleepers.wake();
  }

  fail(error: Error): void {
    this.dry = false;
    this.sleepers.wake(error);
  }

  get holds(): Iterable<Held> {
    return this.held.values();
  }

  cancelled(reasons: Reasons): void {
    const ours = [...reasons.keys()].flatMap((id) => this.held.get(id)?.job ?? []);
    this.forget(ours);
    this.losses.tell(ours, reasons);
  }

  reserve(limit: number, wait: Seconds, signal: AbortSignal, looking?: () => void): Promise<Leased[]> {
    return this.tracked(this.reserveNow(limit, wait, signal, looking));
  }

  settle(ends: readonly Settlement[], next: number): Promise<Settled> {
    // Closing gives back what was claimed until then.
    return this.tracked(this.settleNow(ends, this.closed ? 0 : next));
  }

  async renew(jobs: readonly Leased[]): Promise<Leased[]> {
    const holds = this.holdsOf(jobs);
    const renewed = new Set(await this.tracked(this.renewals.renew(holds)));
    const lost = jobs.filter((job) => this.held.get(job.id)?.job !== job || !renewed.has(job.id));
    this.forget(lost);
    return this.losses.explained(lost);
  }

  async note(entries: readonly JournalEntry[]): Promise<Leased[]> {
    const written = this.journal.note(entries, (job) => this.holdsOf([job])[0]);
    return this.losses.explained(await this.tracked(written));
  }

  giveBack(jobs: readonly Leased[]): Promise<void> {
    this.debts.oweJobs(this.holdsOf(jobs));
    this.forget(jobs);
    this.debts.pay();
    return this.debts.paidAll();
  }

  close(): Promise<void> {
    return (this.closed ??= this.giveBackAll());
  }

  private async reserveNow(
    limit: number,
    wait: Seconds,
    signal: AbortSignal,
    looking?: () => void,
  ): Promise<Leased[]> {
    const deadline = performance.now() + wait * 1000;
    while (limit > 0 && !this.closed) {
      looking?.();
      // After a look that found nothing, and no hint since it began, another look would find nothing either.
      const jobs = this.dry && wait > 0 ? [] : await this.claim(limit);
      const remaining = (deadline - performance.now()) / 1000;
      if (jobs.length > 0 || remaining <= 0 || signal.aborted || this.closed) return jobs;
      await this.hinted(remaining, signal);
    }
    return [];
  }

  private async settleNow(ends: readonly Settlement[], next: number): Promise<Settled> {
    // Taken before anything is awaited: a job that is called off meanwhile is held no more.
    const ours: { readonly end: Settlement; readonly held: Held }[] = [];
    for (const end of ends) {
      const held = this.held.get(end.job.id);
      if (held?.job === end.job) ours.push({ end, held });
    }
    if (ours.length === 0) return { lost: ends.map(({ job }) => job), next: await this.claim(next) };
    // Their time may have run out in the outage.
    if (this.readiness.grace.afterOutage) await this.renewals.renew(ours.map(({ held }) => held));
    const pipeline = this.pipelines.length === 1 ? this.pipelines[0] : undefined;
    const together = pipeline !== undefined && next > 0 && !this.dialect.claimsSlowly?.(pipeline);
    const claim = together ? this.newClaim(pipeline, next) : undefined;
    const deletes: Held[] = [];
    const keeps: (Held & KeptEnd)[] = [];
    const changes: Change[] = [];
    for (const { end, held } of ours) {
      if (end.outcome !== 'delete') changes.push(changeOf(held, end));
      else if (end.keep) keeps.push({ ...held, keep: end.keep });
      else deletes.push(held);
    }
    const exchange = { deletes, changes, claim };
    const answer = await this.answered(
      claim,
      keeps.length === 0
        ? exchangeApart(this.dialect, exchange)
        : exchangeKeeping(this.dialect, keeps, exchange),
    );
    for (const { held } of ours) this.forgetOne(held.job);
    this.sweep(deletes);
    this.tellReleased(changes, answer.settled);
    for (const { job, keep } of keeps) this.readiness.history.kept(job.pipeline, keep);
    // What is settled is returned, whatever becomes of a claim of its own: the next one meets the same failure.
    const jobs = claim ? this.hold(claim, answer) : await this.claim(next).catch(() => []);
    const lost = lostOf(ends, ours, answer.settled);
    return { lost: lost.length > 0 ? await this.losses.explained(lost) : lost, next: jobs };
  }

  private async claim(limit: number): Promise<Leased[]> {
    if (limit === 0) return [];
    const [pipeline, another] = this.pipelines;
    if (pipeline !== undefined && another === undefined) return this.claimFrom(pipeline, limit);
    // Across several pipelines one job at a time, from the pipeline whose first job is the most urgent.
    const reserved: Leased[] = [];
    while (reserved.length < limit) {
      this.dry = true;
      const first = await mostUrgentPipeline(this.dialect, this.pipelines);
      if (first === undefined) break;
      reserved.push(...(await this.claimFrom(first, 1)));
    }
    return reserved;
  }

  private async claimFrom(pipeline: string, limit: number): Promise<Leased[]> {
    const claim = this.newClaim(pipeline, limit);
    const exchange = this.dialect.exchange({ deletes: [], changes: [], claim });
    return this.hold(claim, await this.answered(claim, exchange));
  }

  private newClaim(pipeline: string, limit: number): Claim {
    // Before the statement, so that a hint that comes while it runs is not forgotten.
    this.dry = true;
    this.claims += 1;
    const token = `${this.name}.${this.claims.toString(36)}`;
    // Of several pipelines, one has just been seen to have a ready job.
    return { pipeline, limit, token, thorough: this.pipelines.length > 1 };
  }

  /** Remembers a claim that was never answered; what it took is given back once the database answers again. */
  private async answered<T>(claim: Claim | undefined, statement: Promise<T>): Promise<T> {
    try {
      const answer = await statement;
      this.readiness.answered();
      this.debts.pay();
      return answer;
    } catch (error) {
      if (claim) this.debts.oweClaim(claim.token);
      this.dry = false;
      throw error;
    }
  }

  private hold(claim: Claim, { claimed: jobs, more }: SqlExchangeAnswer): Leased[] {
    if (more || jobs.length === claim.limit) this.dry = false;
    jobs.sort((a, b) => a.priority - b.priority || Number(a.id) - Number(b.id));
    for (const job of jobs) this.held.set(job.id, { id: job.id, token: claim.token, job });
    if (jobs.length > 0) this.readiness.cancelled.watch();
    return jobs;
  }

  /** Of those that ended what they have said. */
  protected sweep(ended: readonly Held[]): void {
    const swept = this.journal.ended(ended);
    if (swept) void this.tracked(swept);
  }

  private async beginAlone(job: Leased): Promise<boolean> {
    const [hold] = this.holdsOf([job]);
    return hold !== undefined && this.dialect.noteLoneRun(hold);
  }

  /** The holds of those jobs that are still ours. */
  private holdsOf(jobs: readonly Leased[]): Held[] {
    return jobs.flatMap((job) => {
      const held = this.held.get(job.id);
      return held?.job === job ? [held] : [];
    });
  }

  protected forget(jobs: readonly Leased[]): void {
    for (const job of jobs) this.forgetOne(job);
  }

  private forgetOne(job: Leased): void {
    if (this.held.get(job.id)?.job === job) this.held.delete(job.id);
  }

  private tellReleased(changes: readonly Change[], ids: readonly JobId[]): void {
    if (changes.length === 0) return;
    const settled = new Set(ids);
    for (const { id, state, delay } of changes) {
      if (!settled.has(id)) continue;
      if (state === 'ready') this.readiness.announce(this.pipelines);
      if (state === 'delayed') this.readiness.expect(delay);
    }
  }

  private async hinted(within: Seconds, signal: AbortSignal): Promise<void> {
    if (!this.dry) return;
    const hint = this.sleepers.wait(within, signal);
    this.readiness.awaited();
    await hint;
  }

  private async giveBackAll(): Promise<void> {
    this.readiness.remove(this);
    this.sleepers.wake();
    await Promise.allSettled(this.underWay);
    this.debts.oweJobs(this.held.values());
    this.held.clear();
    await this.debts.close();
  }

  protected async tracked<T>(work: Promise<T>): Promise<T> {
    this.underWay.add(work);
    try {
      return await work;
    } finally {
      this.underWay.delete(work);
    }
  }
}
