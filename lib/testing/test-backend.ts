import { isUnderWay, whenCommitted } from '../backends/application-transaction';
import { memoryBackend } from '../backends/memory/memory-backend';
import type { Admin, Inspector, QueueBackend } from '../core/contract/backend';
import { InvalidJobOptionError } from '../core/contract/errors';
import type { Features, Listing, Transacted, TransactingLeases, UniqueKeys } from '../core/contract/features';
import type { JobId, Leased, NewJob, PutResult } from '../core/contract/job-data';
import type { Leases, LostListener } from '../core/contract/leases';
import type { Schedules } from '../core/contract/ports/schedules';
import { schedulesAtCommit } from './schedules-at-commit';
import type { TestClock } from './test-clock';

/** Runs work in a transaction of the test: `(work) => dataSource.transaction(work)`. */
export type TestTransaction = (work: (manager: object) => Promise<void>) => Promise<unknown>;

/** A job as it was put. */
export interface PutJob extends NewJob {
  readonly id: JobId;
  readonly pipeline: string;
}

/** The memory backend, which also records what is put and runs handlers in the test's transactions. */
export class TestBackend implements QueueBackend {
  readonly name = 'test';
  readonly puts: PutJob[] = [];
  readonly inspect: Inspector;
  readonly admin: Admin;
  readonly features: Features & {
    readonly listing: Listing;
    readonly schedules: Schedules;
    readonly uniqueKeys: UniqueKeys;
  };
  private readonly memory;

  constructor(
    readonly clock: TestClock,
    transaction: TestTransaction | undefined,
    /** After every put. */
    private readonly onPut: () => Promise<void>,
  ) {
    this.memory = memoryBackend({ clock });
    this.inspect = this.memory.inspect;
    this.admin = this.memory.admin;
    this.features = {
      ...this.memory.features,
      transactions: { put: (...args) => this.putWithin(...args) },
      scheduleTransactions: {
        within: (transaction) =>
          schedulesAtCommit(this.memory.features.schedules, (work) => this.atCommit(transaction, work)),
      },
      ...(transaction && {
        handlerTransactions: {
          lease: async (pipelines, onLost) =>
            transacting(await this.memory.lease(pipelines, onLost), transaction),
        },
      }),
    };
  }

  connect(): Promise<void> {
    return this.memory.connect();
  }

  close(): Promise<void> {
    return this.memory.close();
  }

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<readonly PutResult[]> {
    // A module that is compiled and not initialised has not connected.
    await this.memory.connect();
    const results = await this.memory.put(pipeline, jobs);
    for (const [index, job] of jobs.entries())
      this.note({ pipeline, ...job, id: results[index]!.id }, results[index]!);
    await this.onPut();
    return results;
  }

  /** When a schedule is due next, in milliseconds since 1970. */
  async nextSlot(): Promise<number> {
    const all = await this.features.schedules.list({ offset: 0, limit: Infinity });
    return Math.min(...all.map(({ next }) => next?.getTime() ?? Infinity));
  }

  lease(pipelines: readonly string[], onLost?: LostListener): Promise<Leases> {
    return this.memory.lease(pipelines, onLost);
  }

  /** What was kept was not added; what was replaced is the one that was added before. */
  private note(job: PutJob, { id, existed }: PutResult): void {
    // A handler may have added others by now.
    const before = this.puts.findLastIndex((put) => Number(put.id) <= Number(id));
    if (!existed) this.puts.splice(before + 1, 0, job);
    else if (this.puts[before]?.id === id && job.unique?.onConflict !== 'keep') this.puts[before] = job;
  }

  /** The ids are not known before a commit. */
  private async putWithin(
    transaction: unknown,
    pipeline: string,
    jobs: readonly NewJob[],
  ): Promise<readonly PutResult[]> {
    let results: readonly PutResult[] = jobs.map(() => ({ id: 'not committed', existed: false }));
    await this.atCommit(transaction, async () => (results = await this.put(pipeline, jobs)));
    return results;
  }

  /** With a stand-in for a transaction, at once. */
  private async atCommit(transaction: unknown, work: () => Promise<unknown>): Promise<void> {
    if (isUnderWay(transaction)) {
      // What makes an inline drain fail also makes the next one fail, which the test awaits.
      whenCommitted(transaction, () => void work().catch(() => undefined));
      return;
    }
    if (isReal(transaction)) {
      throw new InvalidJobOptionError(
        'manager has no active transaction: use the EntityManager that dataSource.transaction() hands out',
      );
    }
    await work();
  }
}

/** Whether it is TypeORM's, not a stand-in of the test. */
function isReal(transaction: unknown): boolean {
  const { query, connection, dataSource } = transaction as Partial<Record<string, unknown>>;
  return typeof query === 'function' && (connection ?? dataSource) !== undefined;
}

function transacting(leases: Leases, transaction: TestTransaction): TransactingLeases {
  return Object.assign(leases, {
    async transact(job: Leased, work: (manager: object) => Promise<void>): Promise<Transacted> {
      await transaction(work);
      const { lost } = await leases.settle([{ job, outcome: 'delete' }], 0);
      return { outcome: lost.length === 0 ? ('committed' as const) : ('lost' as const) };
    },
  });
}
