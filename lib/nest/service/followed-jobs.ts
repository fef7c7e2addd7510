import { checkedInteger, checkedText } from '../../core/checks/checks';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { asReason } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import { mustBe } from '../../core/contract/errors';
import { feature } from '../../core/contract/features';
import type { JobId, JobSnapshot } from '../../core/contract/job-data';
import { type LogLine, MOST_LINES } from '../../core/contract/journal';
import type { PayloadCodec } from '../../core/payload/payload-codec';
import type { Job } from '../../core/policy/job';
import type { LogOptions, UniqueHandle } from '../options/service.options';
import { isJob } from './checked-arguments';
import { jobIdOf } from './job-handle';
import type { NewJobs } from './new-jobs';
import { QueueAdmin } from './queue-admin';

const LOG_OPTIONS: OptionNames<LogOptions> = { after: true, limit: true };
const DEFAULT_LINES = 100;

export interface FollowedJobsParts {
  readonly backend: QueueBackend;
  readonly jobs: NewJobs;
  readonly codec: PayloadCodec;
}

/** The verbs of a queue's service that follow single jobs from any process. */
export class FollowedJobs extends QueueAdmin {
  readonly #backend: QueueBackend;
  readonly #codec: PayloadCodec;

  constructor(parts: FollowedJobsParts) {
    super(parts);
    this.#backend = parts.backend;
    this.#codec = parts.codec;
  }

  /**
   * How far the job is: what `job.progress()` got last; undefined when it has said nothing, and when there is no such
   * job.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * const { done, of } = (await queue.progress<{ done: number; of: number }>(id)) ?? { done: 0, of: 1 };
   */
  async progress<T = unknown>(job: JobSnapshot | JobId | UniqueHandle): Promise<T | undefined> {
    const journal = feature(this.#backend, 'journal');
    const id = await jobIdOf(this.#backend, job);
    const progress = id === undefined ? undefined : await journal.progress(id);
    return progress && (this.#codec.decode(progress.value) as T);
  }

  /**
   * The lines that the job has logged, the oldest first, of all its attempts; default the first 100. To read on, give the
   * `id` of the last one as `after`. None when there is no such job.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   */
  async logs(job: JobSnapshot | JobId | UniqueHandle, options: LogOptions = {}): Promise<LogLine[]> {
    const { after, limit = DEFAULT_LINES } = checkedOptions(options, LOG_OPTIONS);
    if (after !== undefined && typeof (after as unknown) !== 'string')
      throw mustBe('after', 'the id of a line', after);
    const page = { after, limit: checkedInteger('limit', limit, 1, MOST_LINES) };
    const journal = feature(this.#backend, 'journal');
    const id = await jobIdOf(this.#backend, job);
    return id === undefined ? [] : journal.lines(id, page);
  }

  /**
   * Calls a job off, in whatever state it is: one that waits or is buried is removed, and one that runs has ended. Its
   * `job.signal` aborts with a `JobCancelledError` within a second, whichever process runs it; what its handler still
   * does settles nothing, and its process's `@OnJob('cancelled')` methods hear of it. Its unique key is free at once.
   * Returns false when there is no such job.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * await queue.cancelJob(id, 'the customer has left');
   */
  async cancelJob(job: Job | JobSnapshot | JobId | UniqueHandle, reason?: string): Promise<boolean> {
    const why = reason === undefined ? undefined : asReason(checkedText('reason', reason));
    const cancelling = feature(this.#backend, 'cancelling');
    const id = isJob(job) ? job.id : await jobIdOf(this.#backend, job);
    return id !== undefined && cancelling.cancel(id, why);
  }
}
