import { BackendClosedError } from '../../core/contract/errors';
import type { Leased, Seconds } from '../../core/contract/job-data';
import type { Leases, LostListener, Settled, Settlement } from '../../core/contract/leases';
import type { BeanstalkdServer } from './beanstalkd-server';
import { LeaseConnection } from './lease-connection';

/** How many connections without a job to keep for the next wait. */
const SPARE = 1;
/** Close a connection that was idle for so long: code that reserves by hand may never come back. */
const SPARE_FOR: Seconds = 30;

/*
 * Connections are opened as needed. One that holds jobs answers at once, and reserves further jobs in the packet that
 * settles some. A wait needs a connection that holds nothing. When the wait ends with a job, the connection holds it,
 * and the next wait needs another connection.
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
  /** How jobs were settled by a call that failed, because another connection broke. Their caller asks again. */
  private readonly settled = new WeakMap<Leased, Settlement['outcome']>();
  /** The last look found fewer jobs than it asked for. So a wait begins at once; it takes what has come since. */
  private dry = false;
  private closed = false;
  private usedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly server: BeanstalkdServer,
    private readonly pipelines: readonly string[],
    private readonly onLost: LostListener,
  ) {}

  /** Watches the pipelines from now on: the server then keeps them, and their pauses, even while they are empty. */
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
      // The caller never learns what was reserved. Their connection may hold others, that run.
      if (taken.status === 'fulfilled') await this.giveBack(taken.value);
      throw ended.reason;
    }
    if (taken.status === 'fulfilled') return { lost: ended.value, next: taken.value };
    if (ends.length === 0) throw taken.reason;
    // The caller has to learn what was settled. What kept this call from reserving fails the next one.
    return { lost: ended.value, next: [] };
  }

  async renew(jobs: readonly Leased[]): Promise<Leased[]> {
    this.refuseWhenClosed();
    const touched = await Promise.all(jobs.map(async (job) => this.connectionOf.get(job)?.touch(job)));
    return jobs.filter((_, index) => !touched[index]);
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

  /** Returns the jobs that were lost. */
  private async end(ends: readonly Settlement[]): Promise<Leased[]> {
    const left = ends.filter(({ job, outcome }) => this.settled.get(job) !== outcome);
    const answers = await Promise.allSettled(
      left.map(async (end) => this.connectionOf.get(end.job)?.settle(end)),
    );
    const isSettled = (answer?: PromiseSettledResult<boolean | undefined>) =>
      answer?.status === 'fulfilled' && answer.value === true;
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (!failed) return left.filter((_, index) => !isSettled(answers[index])).map(({ job }) => job);
    for (const [index, { job, outcome }] of left.entries())
      if (isSettled(answers[index])) this.settled.set(job, outcome);
    throw failed.reason;
  }

  private async take(limit: number, ends: readonly Settlement[]): Promise<Leased[]> {
    if (limit === 0) return [];
    // Best on a connection that settles in the same packet, then on one that holds jobs: idle ones are for waits.
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
    // Jobs that came together then share a connection.
    const ready = this.dry ? [] : await this.take(limit, []);
    if (ready.length > 0 || signal.aborted || this.closed) return ready;
    let connection = [...this.connections].find(({ idle }) => idle);
    // Another wait may have taken the new one meanwhile.
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
    // The server gave them in order, except for jobs that were added in between.
    return jobs.sort((one, other) => one.priority - other.priority);
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
