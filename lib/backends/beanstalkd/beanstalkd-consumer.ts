import type { Consumer, ExchangeAnswer, ExchangeRequest, Settlement } from '../../core/contract/backend';
import { BackendClosedError } from '../../core/contract/errors';
import type { ReservedJob, Seconds } from '../../core/contract/job-data';
import type { BeanstalkdServer } from './beanstalkd-server';
import { Reserver } from './reserver';

/** Connections without a job that are kept for the next wait. */
const SPARE = 1;

/*
 * A consumer has as many connections as it needs. Those that hold jobs answer at once, and take further jobs in the
 * same packet in which they settle. A wait needs one that holds nothing; when it gets a job, it is one of the
 * others, and the next wait takes another one.
 *
 *            ┌───────── wait ────────▶ waiting
 *   new ──▶ idle ◀─ nothing came ──────┤   │ aborted
 *            ▲ │                       │   ▼
 *            │ └─ reserve ─▶ holding ◀─┘  closed ◀── more than one idle, connection lost
 *            └─ all settled ───┘
 */
export class BeanstalkdConsumer implements Consumer {
  private readonly reservers = new Set<Reserver>();
  private readonly reserverOf = new WeakMap<ReservedJob, Reserver>();
  /** The last look found fewer jobs than there was room for, so that a wait begins at once; it takes what has come since. */
  private dry = false;
  private closed = false;

  private constructor(
    private readonly server: BeanstalkdServer,
    private readonly pipelines: readonly string[],
  ) {}

  /** Watches the pipelines from now on: the server keeps them, and a pause of theirs, even while they are empty. */
  static async open(server: BeanstalkdServer, pipelines: readonly string[]): Promise<BeanstalkdConsumer> {
    const consumer = new BeanstalkdConsumer(server, pipelines);
    await consumer.openReserver();
    return consumer;
  }

  async exchange({ settle, reserve, wait, signal }: ExchangeRequest): Promise<ExchangeAnswer> {
    this.refuseWhenClosed();
    const doubtful = settle.map(({ job }) => job).filter((job) => this.reserverOf.get(job)?.doubts(job));
    if (doubtful.length > 0) await this.touch(doubtful);

    const mayWait = settle.length === 0 && wait > 0 && !signal.aborted;
    const [settled, reserved] = await Promise.allSettled([
      this.settle(settle),
      mayWait ? this.wait(reserve, wait, signal) : this.reserve(reserve, settle),
    ]);
    this.keepFewIdle();

    if (settled.status === 'rejected') {
      if (reserved.status === 'fulfilled') await this.closeHoldersOf(reserved.value);
      throw settled.reason;
    }
    if (reserved.status === 'fulfilled') return { lost: settled.value, reserved: reserved.value };
    if (settle.length === 0) throw reserved.reason;
    // What was settled has to be told. The next exchange meets what keeps this one from reserving.
    return { lost: settled.value, reserved: [] };
  }

  async touch(jobs: readonly ReservedJob[]): Promise<ReservedJob[]> {
    this.refuseWhenClosed();
    return this.lostOf(
      jobs,
      (job) => job,
      (reserver, its) => reserver.touch(its),
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(Array.from(this.reservers, (reserver) => reserver.close()));
  }

  private settle(settlements: readonly Settlement[]): Promise<ReservedJob[]> {
    return this.lostOf(
      settlements,
      ({ job }) => job,
      (reserver, its) => reserver.settle(its),
    );
  }

  private async reserve(limit: number, settle: readonly Settlement[]): Promise<ReservedJob[]> {
    if (limit === 0) return [];
    // Best where something is settled in the same packet, then where jobs are held: an idle one is for waits.
    const settling = settle.map(({ job }) => this.reserverOf.get(job));
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

  private async wait(limit: number, longest: Seconds, signal: AbortSignal): Promise<ReservedJob[]> {
    if (limit === 0) return [];
    // So that jobs that came together share a connection.
    const ready = this.dry ? [] : await this.reserve(limit, []);
    if (ready.length > 0 || signal.aborted || this.closed) return ready;
    const reserver = [...this.reservers].find(({ idle }) => idle) ?? (await this.openReserver());
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

  private remember(reserver: Reserver, jobs: ReservedJob[]): ReservedJob[] {
    for (const job of jobs) this.reserverOf.set(job, reserver);
    // The server had the order, but for what was added while we took one after the other.
    return jobs.sort((one, other) => one.priority - other.priority);
  }

  /** Asks for each reserver's jobs there; answers those that were no longer ours. */
  private async lostOf<T>(
    all: readonly T[],
    jobOf: (one: T) => ReservedJob,
    ask: (reserver: Reserver, its: readonly T[]) => Promise<ReservedJob[]>,
  ): Promise<ReservedJob[]> {
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

  /** For an exchange that fails: nobody would know of what it has reserved. */
  private async closeHoldersOf(jobs: readonly ReservedJob[]): Promise<void> {
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
