import assert from 'node:assert/strict';
import type { Transacted, TransactingLeases } from '../../core/contract/features';
import type { Leased, Seconds } from '../../core/contract/job-data';
import type { Leases, Settled, Settlement } from '../../core/contract/leases';
import type { Keep } from '../../core/contract/ports/history';
import type { JournalEntry } from '../../core/contract/ports/journal';

/** A case that fails leaves its waits behind: how they end does not matter any more. */
function abandonable<T>(wait: Promise<T>): Promise<T> {
  wait.catch(() => undefined);
  return wait;
}

/** Leases with a method for each thing that the cases do with them. */
export class TestLeases {
  constructor(
    private readonly leases: Leases,
    /** Why leases have ended by themselves, as `onLost` was told. */
    readonly ends: ReadonlyMap<Leased, Error> = new Map(),
  ) {}

  /** Whether single jobs can be given back at once. */
  get returns(): boolean {
    return this.leases.returns;
  }

  /** Whether a planned release counts no attempt. */
  get plans(): boolean {
    return this.leases.plans;
  }

  reserve(
    limit: number,
    wait: Seconds = 0,
    signal: AbortSignal = new AbortController().signal,
    looking?: () => void,
  ): Promise<Leased[]> {
    return abandonable(this.leases.reserve(limit, wait, signal, looking));
  }

  reserveOne(wait: Seconds = 0): Promise<Leased> {
    return abandonable(
      this.reserve(1, wait).then(([job]) => {
        assert.ok(job, `no job came within ${wait} s`);
        return job;
      }),
    );
  }

  /** Settles and takes up to `next` further jobs. */
  settleAndTake(next: number, ...ends: readonly Settlement[]): Promise<Settled> {
    return abandonable(this.leases.settle(ends, next));
  }

  /** Returns the jobs that were lost. */
  async settle(...ends: readonly Settlement[]): Promise<Leased[]> {
    return (await this.settleAndTake(0, ...ends)).lost;
  }

  delete(job: Leased): Promise<Leased[]> {
    return this.settle({ job, outcome: 'delete' });
  }

  release(job: Leased, delay: Seconds = 0): Promise<Leased[]> {
    return this.settle({ job, outcome: 'release', delay });
  }

  bury(job: Leased): Promise<Leased[]> {
    return this.settle({ job, outcome: 'bury' });
  }

  renew(...jobs: readonly Leased[]): Promise<Leased[]> {
    return this.leases.renew(jobs);
  }

  /** Writes down what jobs say; returns those that were lost. */
  async note(...entries: readonly JournalEntry[]): Promise<Leased[]> {
    const lost = await this.leases.note?.(entries);
    assert.ok(lost, 'a backend with the port journal has leases with note()');
    return lost;
  }

  giveBack(...jobs: readonly Leased[]): Promise<void> {
    return this.leases.giveBack(jobs);
  }

  close(): Promise<void> {
    return this.leases.close();
  }
}

/** The same, of a worker whose handlers have transactions. */
export class TransactingTestLeases extends TestLeases {
  constructor(private readonly transacting: TransactingLeases) {
    super(transacting);
  }

  transact(job: Leased, work: (transaction: object) => Promise<unknown>, keep?: Keep): Promise<Transacted> {
    return this.transacting.transact(job, async (transaction) => {
      await work(transaction);
      return keep;
    });
  }
}
