import type { JobId, Leased, Seconds } from '../../core/contract/job-data';
import type { Settlement } from '../../core/contract/leases';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import type { BeanstalkdConnection } from './beanstalkd-connection';
import { reservedJob, wholeSeconds } from './beanstalkd-job';
import type { Reply } from './reply';
import { Reservations } from './reservations';
import { Stats } from './stats';

/** The longest wait that the timer of a socket can watch over (about eleven days). */
const LONGEST_WAIT: Seconds = 1_000_000;

const LOOK_FOR_OVERDUE_EVERY_MS = 250;

/**
 * A connection that reserves, and the jobs that it holds; nobody else can settle them, and the server frees them
 * when it ends. While it waits for a job it answers nothing else, so it waits only when it holds none.
 *
 * The server deletes a ready job for anyone, and so it would a job whose time has run out for the worker that was
 * too slow with it. Therefore a job about which there are doubts has to be touched before it is settled. There seldom
 * are, for whoever runs jobs renews them at half their time.
 *
 * beanstalkd (1.12, and its issues 262 and 380 tell of earlier ones) often misses the end of a reservation: the
 * timer of the connection fires in the very microsecond in which the time is not quite over, and is not set again
 * before the connection has something to do. So jobs that are overdue are asked for, which sets it again.
 */
export class Reserver {
  private readonly held = new Reservations();
  /** Jobs to be given back as soon as nothing else is held here: the server frees them all when the connection ends. */
  private readonly returned = new Set<JobId>();
  private reserving = 0;
  private waits = false;
  /** How many jobs the next look is likely to find. */
  private expected = 1;
  private closing = false;
  private lookout: NodeJS.Timeout | undefined;

  private constructor(private readonly connection: BeanstalkdConnection) {}

  static async watch(connection: BeanstalkdConnection, pipelines: readonly string[]): Promise<Reserver> {
    const watches = pipelines.map((pipeline) => connection.ask('watch', checkedPipelineName(pipeline)));
    // Every connection watches `default` from the start.
    const ignores = pipelines.includes('default') ? [] : [connection.ask('ignore', 'default')];
    await Promise.all([...watches, ...ignores]);
    return new Reserver(connection);
  }

  get alive(): boolean {
    return this.connection.alive;
  }

  /** Whether it answers at once. */
  get available(): boolean {
    return this.alive && !this.waits && this.returned.size === 0;
  }

  /** Whether it may wait. */
  get idle(): boolean {
    return this.available && this.held.size === 0 && this.reserving === 0;
  }

  /** Whether the server may have taken the job away. */
  doubts(job: Leased): boolean {
    return this.alive && this.held.isDoubtful(job);
  }

  /** Takes what is ready now. */
  reserve(limit: number): Promise<Leased[]> {
    return this.gather(() => this.takeReady(limit));
  }

  /** Waits for one job: to look for more before it is answered would make it late. */
  wait(longest: Seconds, signal: AbortSignal): Promise<Leased[]> {
    if (signal.aborted) return Promise.resolve([]);
    const seconds = Math.min(wholeSeconds(longest), LONGEST_WAIT);
    // There is no other way out of a wait; the server frees a job that was on its way.
    const leave = () => void this.close();
    signal.addEventListener('abort', leave, { once: true });
    this.waits = true;
    return this.gather(async () => {
      const first = await this.connection
        .askPatiently(seconds, 'reserve_with_timeout', seconds)
        .finally(() => {
          this.waits = false;
          signal.removeEventListener('abort', leave);
        });
      const job = first.done ? await this.hold(first) : undefined;
      return job ? [job] : [];
    });
  }

  /** Answers the jobs that were no longer ours. */
  async settle(settlements: readonly Settlement[]): Promise<Leased[]> {
    const settled = await Promise.all(settlements.map((settlement) => this.settleOne(settlement)));
    return settlements.filter((_, index) => !settled[index]).map(({ job }) => job);
  }

  /** Answers the jobs that were no longer ours. */
  async touch(jobs: readonly Leased[]): Promise<Leased[]> {
    const touched = await Promise.all(jobs.map((job) => this.touchOne(job)));
    return jobs.filter((_, index) => !touched[index]);
  }

  giveBack(job: Leased): void {
    if (!this.holds(job)) return;
    this.held.delete(job.id);
    this.returned.add(job.id);
    this.leaveWhenEmpty();
  }

  /** Resolves when what was held here is ready again. */
  close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.lookout);
    return this.connection.close();
  }

  /**
   * A reserve that finds nothing costs the server as much as one that finds a job. So no more are asked for at once
   * than are likely to be there, and twice as many when all of them came.
   */
  private async takeReady(limit: number): Promise<Leased[]> {
    const taken: Leased[] = [];
    let moreMayBeReady = true;
    for (let burst = this.expected; moreMayBeReady && taken.length < limit; burst *= 2) {
      const asked = Math.min(burst, limit - taken.length);
      const answers = await Promise.all(Array.from({ length: asked }, () => this.take()));
      const came = answers.filter((job) => job !== undefined);
      taken.push(...came);
      moreMayBeReady = came.length === asked;
    }
    this.expected = Math.max(1, 2 * taken.length);
    return taken;
  }

  private async take(): Promise<Leased | undefined> {
    const reply = await this.connection.ask('reserve_with_timeout', 0);
    return reply.done ? this.hold(reply) : undefined;
  }

  private async hold({ value: id, body: payload }: Reply): Promise<Leased | undefined> {
    // If we had it before, that time is over.
    this.held.delete(id);
    const askedAt = performance.now();
    const { done, body } = await this.connection.ask('stats_job', id);
    const stats = new Stats(body);
    if (!done || stats.text('state') !== 'reserved') return undefined;
    const job = reservedJob(id, payload, stats);
    this.held.add(job, stats.number('time-left'), askedAt);
    this.lookForOverdue();
    return job;
  }

  /** When it comes to nothing half-way, closing gives back what was reserved until then. */
  private async gather(reserve: () => Promise<Leased[]>): Promise<Leased[]> {
    this.reserving++;
    try {
      const jobs = await reserve();
      if (!this.closing) return jobs;
    } catch (error) {
      if (!this.closing) {
        await this.close();
        throw error;
      }
    } finally {
      this.reserving--;
    }
    await this.close();
    return [];
  }

  private async settleOne(settlement: Settlement): Promise<boolean> {
    const { job } = settlement;
    if (!this.holds(job)) return false;
    // Before the answer, so that it cannot be settled twice.
    this.held.delete(job.id);
    const { word } = await this.send(settlement);
    this.leaveWhenEmpty();
    return word !== 'NOT_FOUND';
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

  private async touchOne(job: Leased): Promise<boolean> {
    if (!this.holds(job)) return false;
    const askedAt = performance.now();
    const { done } = await this.connection.ask('touch', job.id);
    if (done) return this.held.renew(job, askedAt);
    if (this.held.has(job)) this.held.delete(job.id);
    return false;
  }

  private leaveWhenEmpty(): void {
    if (this.returned.size > 0 && this.held.size === 0 && this.reserving === 0) void this.close();
  }

  private holds(job: Leased): boolean {
    return this.alive && this.held.has(job);
  }

  private lookForOverdue(): void {
    this.lookout ??= setTimeout(() => {
      this.lookout = undefined;
      if (!this.alive || this.held.size === 0) return;
      // What breaks the connection is met by whoever uses it next.
      for (const id of this.held.overdue()) this.letGoWhenOver(id).catch(() => undefined);
      this.lookForOverdue();
    }, LOOK_FOR_OVERDUE_EVERY_MS);
  }

  private async letGoWhenOver(id: JobId): Promise<void> {
    const { done, body } = await this.connection.ask('stats_job', id);
    if (!done || new Stats(body).text('state') !== 'reserved') this.held.delete(id);
  }
}
