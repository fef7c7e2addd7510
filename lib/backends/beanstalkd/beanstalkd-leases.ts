import { BackendClosedError } from '../../core/contract/errors';
import type { Leased, Seconds } from '../../core/contract/job-data';
import type { Leases, Settled, Settlement } from '../../core/contract/leases';
import type { BeanstalkdServer } from './beanstalkd-server';
import { Reserver } from './reserver';

/** Connections without a job that are kept for the next wait. */
const SPARE = 1;

/*
 * There are as many connections as are needed. Those that hold jobs answer at once, and take further jobs in the
 * same packet in which they settle. A wait needs one that holds nothing; when it gets a job, it is one of the
 * others, and the next wait takes another one.
 *
 *            ┌───────── wait ────────▶ waiting
 *   new ──▶ idle ◀─ nothing came ──────┤   │ aborted
 *            ▲ │                       │   ▼
 *            │ └─ reserve ─▶ holding ◀─┘  closed ◀── more than one idle, connection lost
 *            └─ all settled ───┘
 */
export class BeanstalkdLeases implements Leases {
  /** The server frees the jobs of a connection together, when that ends. */
  readonly returns = false;
  private readonly reservers = new Set<Reserver>();
  private readonly reserverOf = new WeakMap<Leased, Reserver>();
  /** The last look found fewer jobs than there was room for, so that a wait begins at once; it takes what has come since. */
  private dry = false;
  private closed = false;

  private constructor(
    private readonly server: BeanstalkdServer,
    private readonly pipelines: readonly string[],
  ) {}

  /** Watches the pipelines from now on: the server keeps them, and a pause of theirs, even while they are empty. */
  static async open(server: BeanstalkdServer, pipelines: readonly string[]): Promise<BeanstalkdLeases> {
    const leases = new BeanstalkdLeases(server, pipelines);
    await leases.openReserver();
    return leases;
  }

  async reserve(limit: number, wait: Seconds, signal: AbortSignal): Promise<Leased[]> {
    this.refuseWhenClosed();
    try {
      const mayWait = wait > 0 && !signal.aborted;
      return await (mayWait ? this.wait(limit, wait, signal) : this.take(limit, []));
    } finally {
      this.keepFewIdle();
    }
  }

  async settle(ends: readonly Settlement[], next: number): Promise<Settled> {
    this.refuseWhenClosed();
    const doubtful = ends.map(({ job }) => job).filter((job) => this.reserverOf.get(job)?.doubts(job));
    if (doubtful.length > 0) await this.renew(doubtful);

    const [ended, taken] = await Promise.allSettled([this.end(ends), this.take(next, ends)]);
    this.keepFewIdle();

    if (ended.status === 'rejected') {
      if (taken.status === 'fulfilled') await this.closeHoldersOf(taken.value);
      throw ended.reason;
    }
    if (taken.status === 'fulfilled') return { lost: ended.value, next: taken.value };
    if (ends.length === 0) throw taken.reason;
    // What was settled has to be told. The next call meets what keeps this one from reserving.
    return { lost: ended.value, next: [] };
  }

  async renew(jobs: readonly Leased[]): Promise<Leased[]> {
    this.refuseWhenClosed();
    return this.lostOf(
      jobs,
      (job) => job,
      (reserver, its) => reserver.touch(its),
    );
  }

  giveBack(jobs: readonly Leased[]): void {
    for (const job of jobs) this.reserverOf.get(job)?.giveBack(job);
    this.keepFewIdle();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(Array.from(this.reservers, (reserver) => reserver.close()));
  }

  private end(ends: readonly Settlement[]): Promise<Leased[]> {
    return this.lostOf(
      ends,
      ({ job }) => job,
      (reserver, its) => reserver.settle(its),
    );
  }

  private async take(limit: number, ends: readonly Settlement[]): Promise<Leased[]> {
    if (limit === 0) return [];
    // Best where something is settled in the same packet, then where jobs are held: an idle one is for waits.
    const settling = ends.map(({ job }) => this.reserverOf.get(job));
    const available = [...this.reservers].filter((it) => it.available);
    const reserver =
      settling.find((it) => it?.available) ??
      available.find((it) => !it.idle) ??
      available[0] ??
      (await this.openReserver());
    const jobs = await reserver.reserve(limit);
    this.dry = jobs.length < limit;
    return this.remember(reserver, jobs);
  }

  private async wait(limit: number, longest: Seconds, signal: AbortSignal): Promise<Leased[]> {
    if (limit === 0) return [];
    // So that jobs that came together share a connection.
    const ready = this.dry ? [] : await this.take(limit, []);
    if (ready.length > 0 || signal.aborted || this.closed) return ready;
    let reserver = [...this.reservers].find(({ idle }) => idle);
    // Somebody else who waits may have taken the new one meanwhile.
    while (!reserver?.idle) reserver = await this.openReserver();
    const jobs = await reserver.wait(longest, signal);
    this.dry = jobs.length === 0;
    return this.remember(reserver, jobs);
  }

  private async openReserver(): Promise<Reserver> {
    const reserver = await Reserver.watch(await this.server.dial(), this.pipelines);
    this.reservers.add(reserver);
    if (!this.closed) return reserver;
    await reserver.close();
    throw new BackendClosedError('beanstalkd');
  }

  private remember(reserver: Reserver, jobs: Leased[]): Leased[] {
    for (const job of jobs) this.reserverOf.set(job, reserver);
    // The server had the order, but for what was added while we took one after the other.
    return jobs.sort((one, other) => one.priority - other.priority);
  }

  /** Asks for each reserver's jobs there; answers those that were no longer ours. */
  private async lostOf<T>(
    all: readonly T[],
    jobOf: (one: T) => Leased,
    ask: (reserver: Reserver, its: readonly T[]) => Promise<Leased[]>,
  ): Promise<Leased[]> {
    const groups = new Map<Reserver | undefined, T[]>();
    for (const one of all) {
      const reserver = this.reserverOf.get(jobOf(one));
      const group = groups.get(reserver);
      if (group) group.push(one);
      else groups.set(reserver, [one]);
    }
    const lost = await Promise.all(
      Array.from(groups, async ([reserver, its]) => (reserver ? ask(reserver, its) : its.map(jobOf))),
    );
    return lost.flat();
  }

  /** For a call that fails: nobody would know of what it has reserved. */
  private async closeHoldersOf(jobs: readonly Leased[]): Promise<void> {
    const holders = new Set(jobs.map((job) => this.reserverOf.get(job)));
    await Promise.all(Array.from(holders, async (reserver) => reserver?.close()));
  }

  private keepFewIdle(): void {
    let idle = 0;
    for (const reserver of this.reservers) {
      const surplus = reserver.idle && ++idle > SPARE;
      if (reserver.alive && !surplus) continue;
      this.reservers.delete(reserver);
      void reserver.close();
    }
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw new BackendClosedError('beanstalkd');
  }
}
