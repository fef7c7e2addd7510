import type { Leased, Seconds } from '../../core/contract/job-data';
import type { LostListener, Settlement } from '../../core/contract/leases';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import { leasedJob, wholeSeconds } from './beanstalkd-job';
import type { BeanstalkdConnection } from './connection/beanstalkd-connection';
import type { Reply } from './connection/reply';
import { HeldLeases } from './held-leases';
import type { Lapses } from './lapses';
import { Stats } from './stats';

/** The longest silence on a connection: a load balancer may cut an idle one, and only use shows a dead network. */
const LONGEST_SILENCE: Seconds = 3;
const LOOK_AFTER_EVERY_MS = 250;
/** Leases run while the bodies of other jobs arrive. So no more bytes than these are asked for at once. */
const BYTES_A_BURST = 1024 * 1024;
/** The delay of a job that is given back, in case the connection ends before the kick: the shortest there is. */
const RETURN_DELAY: Seconds = 1;

export interface LeaseSurroundings {
  readonly lapses: Lapses;
  /** Called with the leases that end with a broken connection. */
  readonly onLost: LostListener;
}

/**
 * A connection that reserves, and the leases that it holds: no other connection can settle them, and the server frees
 * them when this one ends. While it waits for a job it answers nothing else, so it waits only when it holds none.
 *
 * The server lets anyone delete a ready job: also the worker that was too slow with it, whose lease has run out. So a
 * job whose lease may have run out is touched before it is settled. That is rare, because running jobs are renewed at
 * half their ttr.
 *
 * beanstalkd (1.12; its issues 262 and 380 report earlier versions) often misses the end of a lease: the connection's
 * timer fires in the microsecond before the time is over, and is not set again until the connection has something to
 * do. Asking about overdue jobs sets it again.
 */
export class LeaseConnection {
  private readonly held = new HeldLeases();
  private reserving = 0;
  /** Leases that are being ended: their jobs are not held any more, and the server has not said so. */
  private ending = 0;
  private waits = false;
  /** How many jobs the next look is likely to find. */
  private expected = 1;
  /** The size of the large bodies seen lately, in bytes. */
  private largeBody = 0;
  private closing = false;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly connection: BeanstalkdConnection,
    private readonly surroundings: LeaseSurroundings,
  ) {
    connection.onEnd((cause) => this.onEnd(cause));
  }

  static async watch(
    connection: BeanstalkdConnection,
    pipelines: readonly string[],
    surroundings: LeaseSurroundings,
  ): Promise<LeaseConnection> {
    const watches = pipelines.map((pipeline) => connection.ask('watch', checkedPipelineName(pipeline)));
    // A new connection watches the tube `default`.
    const ignores = pipelines.includes('default') ? [] : [connection.ask('ignore', 'default')];
    await Promise.all([...watches, ...ignores]);
    return new LeaseConnection(connection, surroundings);
  }

  get alive(): boolean {
    return !this.closing && this.connection.alive;
  }

  /** Whether the server answers its commands at once. */
  get available(): boolean {
    return this.alive && !this.waits;
  }

  /** Whether it may wait, and may be closed: what it was asked for is answered. */
  get idle(): boolean {
    return this.available && this.held.size === 0 && this.reserving === 0 && this.ending === 0;
  }

  /** Whether the server may have taken the job away. */
  doubts(job: Leased): boolean {
    return this.alive && this.held.isDoubtful(job);
  }

  /** Takes what is ready now. */
  reserve(limit: number): Promise<Leased[]> {
    return this.gather(() => this.takeReady(limit));
  }

  /**
   * Waits for one job. Looking for more before returning it would make it late. Calls `looking` when it has come: from
   * then on at least half of its ttr is left, or it is touched.
   */
  wait(longest: Seconds, signal: AbortSignal, looking?: () => void): Promise<Leased[]> {
    if (signal.aborted) return Promise.resolve([]);
    // The only way out of a wait. The server frees a job that was on its way.
    const leave = () => void this.close();
    signal.addEventListener('abort', leave, { once: true });
    this.waits = true;
    return this.gather(async () => {
      const first = await this.awaitReady(longest, signal).finally(() => {
        this.waits = false;
        signal.removeEventListener('abort', leave);
      });
      looking?.();
      const job = first && (await this.hold(first));
      return job ? [job] : [];
    });
  }

  /** Returns whether the job was still ours. */
  async settle(settlement: Settlement): Promise<boolean> {
    const { job } = settlement;
    if (!this.holds(job)) return false;
    // Before the reply comes, so that it cannot be settled twice.
    this.held.delete(job.id);
    this.ending++;
    try {
      return (await this.send(settlement)).word !== 'NOT_FOUND';
    } finally {
      this.ending--;
    }
  }

  /** Returns whether the job is still ours. */
  async touch(job: Leased): Promise<boolean> {
    if (!this.holds(job)) return false;
    const askedAt = performance.now();
    const inTime = !this.held.mayBeOver(job);
    const { done } = await this.connection.ask('touch', job.id);
    if (done) return this.held.renew(job, askedAt);
    if (this.held.has(job)) this.held.delete(job.id);
    // We are alive and asked in time: the server, or the network, was away.
    if (inTime) this.surroundings.lapses.add(job.id);
    return false;
  }

  /**
   * Makes the job ready again. A release counts as an attempt, unless the job is kicked out of its delay: see
   * `attempts` in beanstalkd-job.ts. When the connection ends first, its end makes the job ready.
   */
  async giveBack(job: Leased): Promise<void> {
    if (!this.holds(job)) return;
    const certain = !this.held.isDoubtful(job);
    this.held.delete(job.id);
    this.ending++;
    try {
      await (certain ? this.returnAtOnce(job) : this.returnIfOurs(job));
    } catch (error) {
      await this.breakOff(error as Error);
    } finally {
      this.ending--;
    }
  }

  /** Resolves when what was held here is ready again. */
  close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.timer);
    return this.connection.close();
  }

  private async awaitReady(longest: Seconds, signal: AbortSignal): Promise<Reply | undefined> {
    const until = performance.now() + longest * 1000;
    for (let left = longest; left > 0 && !signal.aborted; left = (until - performance.now()) / 1000) {
      const seconds = Math.min(wholeSeconds(left), LONGEST_SILENCE);
      const reply = await this.connection.askPatiently(seconds, 'reserve_with_timeout', seconds);
      if (reply.done) return reply;
    }
    return undefined;
  }

  /**
   * A reserve that finds nothing costs the server as much as one that finds a job. So a look asks for as many jobs as
   * are likely to be there, and the next one for twice as many when all came.
   */
  private async takeReady(limit: number): Promise<Leased[]> {
    const taken: Leased[] = [];
    let moreMayBeReady = true;
    for (let burst = this.expected; moreMayBeReady && taken.length < limit; burst *= 2) {
      const asked = Math.min(burst, limit - taken.length, this.mostAtOnce());
      const replies = await Promise.all(Array.from({ length: asked }, () => this.take()));
      const came = replies.filter((job) => job !== undefined);
      taken.push(...came);
      moreMayBeReady = came.length === asked;
    }
    this.expected = Math.max(1, 2 * taken.length);
    return taken;
  }

  private mostAtOnce(): number {
    const most = Math.floor(BYTES_A_BURST / Math.max(1, this.largeBody));
    // Forget a large body little by little.
    this.largeBody /= 2;
    return Math.max(1, most);
  }

  private async take(): Promise<Leased | undefined> {
    const reply = await this.connection.ask('reserve_with_timeout', 0);
    return reply.done ? this.hold(reply) : undefined;
  }

  private async hold(reply: Reply): Promise<Leased | undefined> {
    const { value: id, body: payload } = reply;
    // If we had it before, that time is over.
    this.held.delete(id);
    if (payload.length > this.largeBody) this.largeBody = payload.length;
    const askedAt = performance.now();
    const { done, body } = await this.connection.ask('stats_job', id);
    const stats = new Stats(body);
    if (!done || stats.text('state') !== 'reserved') {
      this.surroundings.lapses.add(id);
      return undefined;
    }
    const job = leasedJob(reply, stats, this.surroundings.lapses.of(id));
    this.held.add(job, stats.number('time-left'), askedAt);
    this.lookAfter();
    // Most of its time may have passed while others arrived.
    return !this.held.isDoubtful(job) || (await this.touch(job)) ? job : undefined;
  }

  /** When it fails half-way, the end of the connection gives back what was reserved by then. */
  private async gather(reserve: () => Promise<Leased[]>): Promise<Leased[]> {
    this.reserving++;
    try {
      const jobs = await reserve();
      if (!this.closing) return jobs;
    } catch (error) {
      if (!this.closing) {
        await this.breakOff(error as Error);
        throw error;
      }
    } finally {
      this.reserving--;
    }
    await this.close();
    return [];
  }

  private send(settlement: Settlement): Promise<Reply> {
    const { id, priority } = settlement.job;
    switch (settlement.outcome) {
      case 'delete':
        return this.connection.ask('destroy', id);
      case 'release':
        return this.connection.ask(
          'release',
          id,
          settlement.priority ?? priority,
          wholeSeconds(settlement.delay),
        );
      case 'bury':
        return this.connection.ask('bury', id, settlement.priority ?? priority);
    }
  }

  private async returnAtOnce({ id, priority }: Leased): Promise<void> {
    await Promise.all([
      this.connection.ask('release', id, priority, RETURN_DELAY),
      this.connection.ask('kick_job', id),
    ]);
  }

  /** Not in one packet: another worker may have the job by now, or may have released it with a delay. */
  private async returnIfOurs({ id, priority }: Leased): Promise<void> {
    const { word } = await this.connection.ask('release', id, priority, RETURN_DELAY);
    // It was never started, so no worker died of it.
    if (word === 'NOT_FOUND') this.surroundings.lapses.add(id);
    else await this.connection.ask('kick_job', id);
  }

  private holds(job: Leased): boolean {
    return this.alive && this.held.has(job);
  }

  /** What else is held here ends with it. */
  private async breakOff(cause: Error): Promise<void> {
    this.onEnd(cause);
    await this.close();
  }

  private onEnd(cause: Error): void {
    clearTimeout(this.timer);
    const lost = this.held.clear();
    if (!this.closing && lost.length > 0) this.surroundings.onLost(lost, cause);
  }

  private lookAfter(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (!this.alive || this.held.size === 0) return;
      // The error that breaks the connection is reported for every job that is held here.
      for (const job of this.held.overdue()) this.letGoWhenOver(job).catch(() => undefined);
      if (this.connection.silentFor > LONGEST_SILENCE)
        this.connection.send('list_tube_used').catch(() => undefined);
      this.lookAfter();
    }, LOOK_AFTER_EVERY_MS);
  }

  private async letGoWhenOver(job: Leased): Promise<void> {
    const { done, body } = await this.connection.ask('stats_job', job.id);
    if (done && new Stats(body).text('state') === 'reserved') return;
    if (this.held.has(job)) this.held.delete(job.id);
  }
}
