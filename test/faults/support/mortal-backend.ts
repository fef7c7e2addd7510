import type { QueueBackend } from '../../../lib/core/contract/backend';
import type { Leased, Seconds } from '../../../lib/core/contract/job-data';
import type { Leases, Settled, Settlement } from '../../../lib/core/contract/leases';

/**
 * - `claimed`: the server has handed out jobs, and no handler has started.
 * - `settling`: a request that settles jobs and claims others has left, and its answer has not come.
 * - `settled`: the server has settled jobs and handed out others, and nobody here has been told.
 */
export type MomentOfDeath = 'claimed' | 'settling' | 'settled';

/** By then the connections are warm: a request is on its way within the tick in which it is made. */
const EXCHANGES_IN_PEACE = 3;

/** Kills this process with SIGKILL at one moment of the backend's work. */
export function mortalBackend(backend: QueueBackend, moment: MomentOfDeath): QueueBackend {
  const lease = backend.lease.bind(backend);
  return Object.assign(backend, {
    lease: async (pipelines: readonly string[]) => new MortalLeases(await lease(pipelines), moment),
  });
}

class MortalLeases implements Leases {
  /** Unable to give back, so that a worker takes no more than it runs. */
  readonly returns = false;
  readonly plans = false;
  private exchanges = 0;

  constructor(
    private readonly leases: Leases,
    private readonly moment: MomentOfDeath,
  ) {}

  async reserve(limit: number, wait: Seconds, signal: AbortSignal): Promise<Leased[]> {
    this.exchanges += 1;
    const jobs = await this.leases.reserve(limit, wait, signal);
    if (this.endHasCome && this.moment === 'claimed' && jobs.length > 0) die();
    return jobs;
  }

  async settle(ends: readonly Settlement[], next: number): Promise<Settled> {
    this.exchanges += 1;
    const asked = this.leases.settle(ends, next);
    const { endHasCome } = this;
    if (endHasCome && this.moment === 'settling') setImmediate(die);
    const settled = await asked;
    if (endHasCome && this.moment === 'settled') die();
    if (endHasCome && this.moment === 'claimed' && settled.next.length > 0) die();
    return settled;
  }

  renew: Leases['renew'] = (jobs) => this.leases.renew(jobs);
  giveBack: Leases['giveBack'] = (jobs) => this.leases.giveBack(jobs);
  close: Leases['close'] = () => this.leases.close();

  private get endHasCome(): boolean {
    return this.exchanges > EXCHANGES_IN_PEACE;
  }
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
