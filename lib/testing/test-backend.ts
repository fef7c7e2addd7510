import { isUnderWay, whenCommitted } from '../backends/application-transaction';
import { memoryBackend } from '../backends/memory/memory-backend';
import {
  canGiveBack,
  type Consumer,
  type ExchangeAnswer,
  type ExchangeRequest,
  type Lister,
  type Page,
  type QueueBackend,
  type Returner,
  type Transacted,
  type TransactionalProducer,
  type Transactor,
} from '../core/contract/backend';
import { InvalidJobOptionError } from '../core/contract/errors';
import type {
  JobId,
  JobSnapshot,
  JobState,
  NewJob,
  PipelineStats,
  ReservedJob,
  RestingState,
  Seconds,
} from '../core/contract/job-data';
import type { TestClock } from './test-clock';

/** Runs work in a transaction of the test's: `(work) => dataSource.transaction(work)`. */
export type TestTransaction = (work: (manager: object) => Promise<void>) => Promise<unknown>;

/** A job as it was put. */
export interface PutJob extends NewJob {
  readonly pipeline: string;
}

/** The memory backend, which notes what is put and runs handlers in the test's transactions. */
export class TestBackend implements QueueBackend, Lister, TransactionalProducer {
  readonly name = 'test';
  readonly puts: PutJob[] = [];
  private readonly memory: QueueBackend & Lister;

  constructor(
    readonly clock: TestClock,
    private readonly transaction: TestTransaction | undefined,
    /** After every put. */
    private readonly onPut: () => Promise<void>,
  ) {
    this.memory = memoryBackend({ clock });
  }

  connect(): Promise<void> {
    return this.memory.connect();
  }

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]> {
    // A module that is compiled and never initialised has not connected.
    await this.memory.connect();
    this.puts.push(...jobs.map((job) => ({ pipeline, ...job })));
    const ids = await this.memory.put(pipeline, jobs);
    await this.onPut();
    return ids;
  }

  /** After the commit; with a stand-in for a manager, at once. The ids are not known before a commit. */
  async putWithin(transaction: unknown, pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]> {
    if (!isUnderWay(transaction)) {
      if (isReal(transaction)) {
        throw new InvalidJobOptionError(
          'manager has no active transaction: use the EntityManager that dataSource.transaction() hands out',
        );
      }
      return this.put(pipeline, jobs);
    }
    // What makes an inline drain fail makes the next one fail, too, which somebody awaits.
    whenCommitted(transaction, () => void this.put(pipeline, jobs).catch(() => undefined));
    return jobs.map(() => 'not committed');
  }

  async consume(pipelines: readonly string[]): Promise<Consumer> {
    const consumer = await this.memory.consume(pipelines);
    return this.transaction ? new TransactingTestConsumer(consumer, this.transaction) : consumer;
  }

  find(id: JobId): Promise<JobSnapshot | undefined> {
    return this.memory.find(id);
  }

  peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    return this.memory.peek(pipeline, state);
  }

  list(pipeline: string, state: JobState, page: Page): Promise<JobSnapshot[]> {
    return this.memory.list(pipeline, state, page);
  }

  stats(pipeline: string): Promise<PipelineStats> {
    return this.memory.stats(pipeline);
  }

  pipelines(): Promise<string[]> {
    return this.memory.pipelines();
  }

  kick(pipeline: string, limit: number): Promise<number> {
    return this.memory.kick(pipeline, limit);
  }

  kickJob(id: JobId): Promise<boolean> {
    return this.memory.kickJob(id);
  }

  discard(id: JobId): Promise<boolean> {
    return this.memory.discard(id);
  }

  clear(pipeline: string, state: RestingState): Promise<number> {
    return this.memory.clear(pipeline, state);
  }

  pause(pipeline: string, duration: Seconds): Promise<void> {
    return this.memory.pause(pipeline, duration);
  }

  resume(pipeline: string): Promise<void> {
    return this.memory.resume(pipeline);
  }

  close(): Promise<void> {
    return this.memory.close();
  }
}

/** TypeORM's own, and no stand-in of the test's. */
function isReal(transaction: unknown): boolean {
  const { query, connection, dataSource } = transaction as Partial<Record<string, unknown>>;
  return typeof query === 'function' && (connection ?? dataSource) !== undefined;
}

class TransactingTestConsumer implements Consumer, Returner, Transactor {
  constructor(
    private readonly consumer: Consumer,
    private readonly transaction: TestTransaction,
  ) {}

  exchange(request: ExchangeRequest): Promise<ExchangeAnswer> {
    return this.consumer.exchange(request);
  }

  touch(jobs: readonly ReservedJob[]): Promise<ReservedJob[]> {
    return this.consumer.touch(jobs);
  }

  async transact(job: ReservedJob, work: (transaction: object) => Promise<void>): Promise<Transacted> {
    await this.transaction(work);
    const { signal } = new AbortController();
    const settle = [{ job, outcome: 'delete' as const }];
    const { lost } = await this.consumer.exchange({ settle, reserve: 0, wait: 0, signal });
    return { outcome: lost.length === 0 ? 'committed' : 'lost' };
  }

  async giveBack(jobs: readonly ReservedJob[]): Promise<void> {
    if (canGiveBack(this.consumer)) await this.consumer.giveBack(jobs);
  }

  close(): Promise<void> {
    return this.consumer.close();
  }
}
