import { BackendClosedError } from '../../core/contract/errors';
import type { Leased, Seconds } from '../../core/contract/job-data';
import type { Leases, LostListener, Settled, Settlement } from '../../core/contract/leases';
import type { BeanstalkdServer } from './beanstalkd-server';
import { LeaseConnection } from './lease-connection';

/** Connections without a job that are kept for the next wait. */
const SPARE = 1;
/** A connection that nobody has used for so long is closed: whoever reserves by hand may never come back. */
const SPARE_FOR: Seconds = 30;

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
  readonly returns = true;
  readonly plans = false;
  private readonly connections = new Set<LeaseConnection>();
  private readonly connectionOf = new WeakMap<Leased, LeaseConnection>();
  /** The last look found fewer jobs than there was room for, so that a wait begins at once; it takes what has come since. */
  private dry = false;
  private closed = false;
  private usedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly server: BeanstalkdServer,
    private readonly pipelines: readonly string[],
    private readonly onLost: LostListener,
  ) {}

  /** Watches the pipelines from now on: the server keeps them, and a pause of theirs, even while they are empty. */
  static async open(
    server: BeanstalkdServer,
    pipelines: readonly string[],
    onLost: LostListener = () => undefined,
  ): Promise<BeanstalkdLeases> {
    const leases = new BeanstalkdLeases(server, pipelines, onLost);
    await leases.openConnection();
    return leases;
  }

  async reserve(limit: number, wait: Seconds, signal: AbortSignal, looking?: () => void): Promise<Leased[]> {
    this.refuseWhenClosed();
    looking?.();
    try {
      const mayWait = wait > 0 && !signal.aborted;
      return await (mayWait ? this.wait(limit, wait, signal, looking) : this.take(limit, []));
    } finally {
      this.keepFewIdle();
    }
  }

  async settle(ends: readonly Settlement[], next: number): Promise<Settled> {
    this.refuseWhenClosed();
    const doubtful = ends.map(({ job }) => job).filter((job) => this.connectionOf.get(job)?.doubts(job));
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
      (connection, its) => connection.touch(its),
    );
  }

  async giveBack(jobs: readonly Leased[]): Promise<void> {
    const given = jobs.flatMap((job) => this.connectionOf.get(job)?.giveBack(job) ?? []);
    this.keepFewIdle();
    await Promise.all(given);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await Promise.all(Array.from(this.connections, (connection) => connection.close()));
  }

  private end(ends: readonly Settlement[]): Promise<Leased[]> {
    return this.lostOf(
      ends,
      ({ job }) => job,
      (connection, its) => connection.settle(its),
    );
  }

  private async take(limit: number, ends: readonly Settlement[]): Promise<Leased[]> {
    if (limit === 0) return [];
    // Best where something is settled in the same packet, then where jobs are held: an idle one is for waits.
    const settling = ends.map(({ job }) => this.connectionOf.get(job));
    const available = [...this.connections].filter((it) => it.available);
    const connection =
      settling.find((it) => it?.available) ??
      available.find((it) => !it.idle) ??
      available[0] ??
      (await this.openConnection());
    const jobs = await connection.reserve(limit);
    this.dry = jobs.length < limit;
    return this.remember(connection, jobs);
  }

  private async wait(
    limit: number,
    longest: Seconds,
    signal: AbortSignal,
    looking?: () => void,
  ): Promise<Leased[]> {
    if (limit === 0) return [];
    // So that jobs that came together share a connection.
    const ready = this.dry ? [] : await this.take(limit, []);
    if (ready.length > 0 || signal.aborted || this.closed) return ready;
    let connection = [...this.connections].find(({ idle }) => idle);
    // Somebody else who waits may have taken the new one meanwhile.
    while (!connection?.idle) connection = await this.openConnection();
    const jobs = await connection.wait(longest, signal, looking);
    this.dry = jobs.length === 0;
    return this.remember(connection, jobs);
  }

  private async openConnection(): Promise<LeaseConnection> {
    const { server, pipelines, onLost } = this;
    const connection = await LeaseConnection.watch(await server.dial(), pipelines, {
      lapses: server.lapses,
      onLost,
    });
    this.connections.add(connection);
    if (!this.closed) return connection;
    await connection.close();
    throw new BackendClosedError('beanstalkd');
  }

  private remember(connection: LeaseConnection, jobs: Leased[]): Leased[] {
    for (const job of jobs) this.connectionOf.set(job, connection);
    // The server had the order, but for what was added while we took one after the other.
    return jobs.sort((one, other) => one.priority - other.priority);
  }

  /** Asks for each connection's jobs there; returns those that were no longer ours. */
  private async lostOf<T>(
    all: readonly T[],
    jobOf: (one: T) => Leased,
    ask: (connection: LeaseConnection, its: readonly T[]) => Promise<Leased[]>,
  ): Promise<Leased[]> {
    const groups = new Map<LeaseConnection | undefined, T[]>();
    for (const one of all) {
      const connection = this.connectionOf.get(jobOf(one));
      const group = groups.get(connection);
      if (group) group.push(one);
      else groups.set(connection, [one]);
    }
    const lost = await Promise.all(
      Array.from(groups, async ([connection, its]) => (connection ? ask(connection, its) : its.map(jobOf))),
    );
    return lost.flat();
  }

  /** For a call that fails: nobody would know of what it has reserved. */
  private async closeHoldersOf(jobs: readonly Leased[]): Promise<void> {
    const holders = new Set(jobs.map((job) => this.connectionOf.get(job)));
    await Promise.all(Array.from(holders, async (connection) => connection?.close()));
  }

  private keepFewIdle(spare = SPARE): void {
    let idle = 0;
    for (const connection of this.connections) {
      const surplus = connection.idle && ++idle > spare;
      if (connection.alive && !surplus) continue;
      this.connections.delete(connection);
      void connection.close();
    }
    this.usedAt = performance.now();
    if (idle > 0 && spare > 0) this.closeWhenUnused();
  }

  private closeWhenUnused(): void {
    if (this.closed) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (performance.now() - this.usedAt < SPARE_FOR * 1000) this.closeWhenUnused();
      else this.keepFewIdle(0);
    }, SPARE_FOR * 1000).unref();
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw new BackendClosedError('beanstalkd');
  }
}
