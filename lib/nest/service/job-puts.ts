import { messageOf } from '../../core/checks/text';
import { assembled } from '../../core/contract/assembly';
import type { QueueBackend } from '../../core/contract/backend';
import { InvalidJobOptionError } from '../../core/contract/errors';
import { feature } from '../../core/contract/features';
import type { NewJob, PutResult } from '../../core/contract/job-data';
import type { Logger } from '../../core/contract/logger';
import type { CurrentTransaction } from '../options/service.options';
import { type AnyAddOptions, givenTransaction } from './checked-arguments';

/** How a queue's jobs are put: at once, in a transaction of the application's, or after its commit. */
export class JobPuts {
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly backend: QueueBackend,
    private readonly logger: Logger,
    private readonly currentTransaction: CurrentTransaction = () => undefined,
  ) {}

  /** As the options say; undefined for what is put after a commit, when nothing is known yet. */
  add(
    pipeline: string,
    jobs: readonly NewJob[],
    options: AnyAddOptions,
  ): Promise<readonly PutResult[]> | undefined {
    const given = givenTransaction(options);
    const { afterCommit } = options;
    if (afterCommit === undefined) return this.put(pipeline, jobs, given);
    this.afterCommit(pipeline, jobs, afterCommit);
    return undefined;
  }

  /** Within that transaction; outside of any when it is null; when it is undefined, in the current one if there is one. */
  put(pipeline: string, jobs: readonly NewJob[], given?: object | null): Promise<readonly PutResult[]> {
    this.checkKeys(jobs);
    const transaction = this.transactionOf(given);
    if (!transaction) return this.backend.put(pipeline, jobs);
    return feature(this.backend, 'transactions').put(transaction, pipeline, jobs);
  }

  /** Which one is meant: that one, none when it is null, and the current one, if there is one, when it is undefined. */
  transactionOf(given?: object | null): object | undefined {
    return (given === undefined ? this.current() : given) ?? undefined;
  }

  /** Puts when the manager's transaction has committed. What fails then can only be logged. */
  afterCommit(pipeline: string, jobs: readonly NewJob[], manager: object): void {
    this.checkKeys(jobs);
    if (assembled().transactions.whenCommitted(manager, () => this.putCommitted(pipeline, jobs))) return;
    throw new InvalidJobOptionError(
      'afterCommit has no active transaction: use the EntityManager that dataSource.transaction() hands out, or a QueryRunner with a transaction under way; without one, leave the option out',
    );
  }

  /** Resolves when nothing is being put any more after a commit. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Before anything is stored: a backend that does not know of keys would store every one, and one without a history keep none. */
  private checkKeys(jobs: readonly NewJob[]): void {
    for (const { unique, retry } of jobs) {
      if (unique !== undefined) feature(this.backend, 'uniqueKeys');
      if (retry?.includes('"keep"')) feature(this.backend, 'history');
    }
  }

  private current(): object | undefined {
    const transaction = this.currentTransaction();
    return transaction && assembled().transactions.isUnderWay(transaction) ? transaction : undefined;
  }

  private putCommitted(pipeline: string, jobs: readonly NewJob[]): void {
    const put = this.backend.put(pipeline, jobs).then(
      () => undefined,
      (error: unknown) => {
        const what = jobs.length === 1 ? 'A job' : `${jobs.length} jobs`;
        this.logger.error(
          `${what} of ${pipeline} could not be added after the commit, and nobody tries it again: ${messageOf(error)}`,
        );
      },
    );
    this.underWay.add(put);
    void put.then(() => this.underWay.delete(put));
  }
}
