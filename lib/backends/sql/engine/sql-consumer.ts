import { randomBytes } from 'node:crypto';
import type {
  Consumer,
  ExchangeAnswer,
  ExchangeRequest,
  Returner,
  Settlement,
} from '../../../core/contract/backend';
import type { JobId, ReservedJob, Seconds } from '../../../core/contract/job-data';
import { MAX_TIMEOUT } from '../../../core/time/sleep';
import type { ClaimOrder } from './claim-order';
import type { Change, Claim, Hold, SqlDialect, SqlExchangeAnswer } from './dialect';
import type { Lookout, Waiter } from './lookout';
import { LowWaterMark } from './low-water-mark';
import { mostUrgentPipeline } from './most-urgent-pipeline';

export interface Held extends Hold {
  readonly job: ReservedJob;
}

/*
 * Reservations by token. Every claim has a fresh one, written into the rows that it takes and named by every
 * settlement.
 *
 * A settlement's statement matches ids and tokens as two sets, not as pairs. That is safe: `held` knows one
 * token for an id, the newest one that was answered, and a job object that does not belong to it is lost
 * without asking. So a row could match a wrong pair only if this consumer had claimed it again in a claim
 * whose token is in the set; but then that claim was answered, and `held` would have the newer token.
 */
export class SqlConsumer implements Consumer, Returner, Waiter {
  protected readonly held = new Map<JobId, Held>();
  /** Tokens of claims whose answer never came: the database may have carried them out. */
  private readonly unanswered = new Set<string>();
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly name = randomBytes(9).toString('base64url');
  private claims = 0;
  private readonly mark: LowWaterMark;
  private dry = false;
  private wake: (() => void) | undefined;
  private closed: Promise<void> | undefined;

  constructor(
    readonly pipelines: readonly string[],
    private readonly dialect: SqlDialect,
    private readonly lookout: Lookout,
  ) {
    this.mark = new LowWaterMark(dialect.markFrom);
    lookout.add(this);
  }

  get waiting(): boolean {
    return this.wake !== undefined;
  }

  hint(first?: ClaimOrder): void {
    this.mark.hear(first);
    this.dry = false;
    this.wake?.();
  }

  exchange(asked: ExchangeRequest): Promise<ExchangeAnswer> {
    // Closing gives back what was claimed until then.
    const request = this.closed ? { ...asked, reserve: 0 } : asked;
    return this.tracked(request.settle.length === 0 ? this.reserve(request) : this.settleAndReserve(request));
  }

  async touch(jobs: readonly ReservedJob[]): Promise<ReservedJob[]> {
    const holds = this.holdsOf(jobs);
    const touched = new Set(holds.length > 0 ? await this.tracked(this.dialect.touch(holds)) : []);
    const lost = jobs.filter((job) => this.held.get(job.id)?.job !== job || !touched.has(job.id));
    this.forget(lost);
    return lost;
  }

  async giveBack(jobs: readonly ReservedJob[]): Promise<void> {
    const holds = this.holdsOf(jobs);
    if (holds.length === 0) return;
    this.forget(jobs);
    try {
      await this.tracked(this.dialect.giveBack(holds));
    } catch (error) {
      for (const hold of holds) if (!this.held.has(hold.id)) this.held.set(hold.id, hold);
      throw error;
    }
    this.lookout.announce(this.pipelines.map((pipeline) => ({ pipeline })));
  }

  close(): Promise<void> {
    return (this.closed ??= this.giveBackAll());
  }

  private async reserve({ reserve, wait, signal }: ExchangeRequest): Promise<ExchangeAnswer> {
    const deadline = performance.now() + wait * 1000;
    while (reserve > 0) {
      // After a look that found nothing, and no hint since it began, another look would find nothing either.
      const reserved = this.dry && wait > 0 ? [] : await this.claim(reserve);
      const remaining = (deadline - performance.now()) / 1000;
      if (reserved.length > 0 || remaining <= 0 || signal.aborted || this.closed)
        return { lost: [], reserved };
      await this.hinted(remaining, signal);
    }
    return { lost: [], reserved: [] };
  }

  private async settleAndReserve({ settle, reserve }: ExchangeRequest): Promise<ExchangeAnswer> {
    const ours = settle.filter(({ job }) => this.held.get(job.id)?.job === job);
    const pipeline = this.pipelines.length === 1 ? this.pipelines[0] : undefined;
    const together = pipeline !== undefined && reserve > 0 && !this.mark.isOver;
    const claim = together ? this.newClaim(pipeline, reserve) : undefined;
    const deletes = ours
      .filter(({ outcome }) => outcome === 'delete')
      .map(({ job }) => this.held.get(job.id) as Held);
    const changes = ours
      .filter(({ outcome }) => outcome !== 'delete')
      .map((settlement) => this.changeOf(settlement));
    if (deletes.length + changes.length === 0) {
      return { lost: settle.map(({ job }) => job), reserved: await this.claim(reserve) };
    }
    const answer = await this.answered(claim, this.dialect.exchange({ deletes, changes, claim }));
    const { settled } = answer;
    const settledIds = new Set(settled);
    // As it was before the statement: a renewal under way may have forgotten a job that this one has settled.
    const asked = new Set(ours);
    const lost = settle.filter((each) => !asked.has(each) || !settledIds.has(each.job.id));
    this.forget(ours.map(({ job }) => job));
    this.tellReleased(changes, settledIds);
    // What is settled is answered, whatever becomes of a claim of its own: the next one meets the same failure.
    const reserved = claim ? this.hold(claim, answer) : await this.claim(reserve).catch(() => []);
    return { lost: lost.map(({ job }) => job), reserved };
  }

  private async claim(limit: number): Promise<ReservedJob[]> {
    if (limit === 0) return [];
    const [pipeline, another] = this.pipelines;
    if (pipeline !== undefined && another === undefined) return this.claimFrom(pipeline, limit);
    // Across several pipelines one job at a time, from the pipeline whose first job is the most urgent.
    const reserved: ReservedJob[] = [];
    while (reserved.length < limit) {
      this.dry = true;
      const first = await mostUrgentPipeline(this.dialect, this.pipelines);
      if (first === undefined) break;
      reserved.push(...(await this.claimFrom(first, 1)));
    }
    return reserved;
  }

  private async claimFrom(pipeline: string, limit: number): Promise<ReservedJob[]> {
    const claim = this.newClaim(pipeline, limit);
    const exchange = this.dialect.exchange({ deletes: [], changes: [], claim });
    return this.hold(claim, await this.answered(claim, exchange));
  }

  private newClaim(pipeline: string, limit: number): Claim {
    // Before the statement, so that a hint that comes while it runs is not forgotten.
    this.dry = true;
    this.claims += 1;
    const after = this.pipelines.length === 1 ? this.mark.begin() : undefined;
    return { pipeline, limit, token: `${this.name}.${this.claims.toString(36)}`, ...(after && { after }) };
  }

  /** Remembers a claim whose answer does not come, and gives back what such ones took once the database answers again. */
  private async answered<T>(claim: Claim | undefined, statement: Promise<T>): Promise<T> {
    try {
      const answer = await statement;
      // Its own failure must not make this statement, which has succeeded, look failed.
      if (this.unanswered.size > 0) await this.giveBackUnanswered().catch(() => undefined);
      return answer;
    } catch (error) {
      if (claim) this.unanswered.add(claim.token);
      this.dry = false;
      throw error;
    }
  }

  private hold(claim: Claim, { claimed: jobs, more }: SqlExchangeAnswer): ReservedJob[] {
    if (more || jobs.length === claim.limit) this.dry = false;
    jobs.sort((a, b) => a.priority - b.priority || Number(a.id) - Number(b.id));
    for (const job of jobs) this.held.set(job.id, { id: job.id, token: claim.token, job });
    this.mark.reached(jobs.at(-1));
    return jobs;
  }

  /** The holds of those jobs that are still ours. */
  private holdsOf(jobs: readonly ReservedJob[]): Held[] {
    return jobs.flatMap((job) => {
      const held = this.held.get(job.id);
      return held?.job === job ? [held] : [];
    });
  }

  protected forget(jobs: readonly ReservedJob[]): void {
    for (const job of jobs) if (this.held.get(job.id)?.job === job) this.held.delete(job.id);
  }

  private changeOf(settlement: Settlement): Change {
    const { id, token, job } = this.held.get(settlement.job.id) as Held;
    if (settlement.outcome === 'delete') throw new TypeError('a deletion changes no row');
    const priority = settlement.priority ?? job.priority;
    if (settlement.outcome === 'bury') {
      // PostgreSQL's text holds no NUL, and an error's message may.
      return {
        id,
        token,
        state: 'buried',
        delay: 0,
        priority,
        reason: settlement.reason?.replaceAll('\0', '') ?? null,
      };
    }
    return {
      id,
      token,
      state: settlement.delay > 0 ? 'delayed' : 'ready',
      delay: settlement.delay,
      priority,
      reason: null,
    };
  }

  private tellReleased(changes: readonly Change[], settled: ReadonlySet<JobId>): void {
    for (const { id, state, delay } of changes) {
      if (!settled.has(id)) continue;
      if (state === 'ready') this.lookout.announce(this.pipelines.map((pipeline) => ({ pipeline })));
      if (state === 'delayed') this.lookout.expect(delay);
    }
  }

  private hinted(within: Seconds, signal: AbortSignal): Promise<void> {
    if (!this.dry) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(wake, Math.min(within * 1000, MAX_TIMEOUT));
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.wake = undefined;
        resolve();
      };
      function wake(): void {
        end();
      }
      this.wake = end;
      this.lookout.awaited();
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  private async giveBackUnanswered(): Promise<void> {
    const tokens = [...this.unanswered];
    await this.dialect.giveBackClaims(tokens);
    for (const token of tokens) this.unanswered.delete(token);
    this.lookout.announce(this.pipelines.map((pipeline) => ({ pipeline })));
  }

  private async giveBackAll(): Promise<void> {
    this.lookout.remove(this);
    this.wake?.();
    await Promise.allSettled(this.underWay);
    if (this.unanswered.size > 0) await this.giveBackUnanswered();
    await this.giveBack([...this.held.values()].map(({ job }) => job));
  }

  private async tracked<T>(work: Promise<T>): Promise<T> {
    this.underWay.add(work);
    try {
      return await work;
    } finally {
      this.underWay.delete(work);
    }
  }
}
