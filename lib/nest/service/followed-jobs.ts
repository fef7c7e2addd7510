import { checkedDuration, checkedInteger, checkedText } from '../../core/checks/checks';
import type { Duration } from '../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { asReason, read } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import { JobGoneError } from '../../core/contract/end-errors';
import { mustBe } from '../../core/contract/errors';
import { feature } from '../../core/contract/features';
import type { Seconds } from '../../core/contract/job-data';
import { LINE_ID, type LogLine, MOST_LINES } from '../../core/contract/ports/journal';
import type { PayloadCodec } from '../../core/payload/payload-codec';
import type { Job } from '../../core/policy/job';
import { decodedResult } from '../../core/policy/result';
import type { JobWaits } from '../../core/waiting/job-waits';
import type { JobReference, LogOptions, WaitOptions } from '../options/service.options';
import type { RuntimeHandlers } from '../workers/runtime-handlers';
import { isJob } from './checked-arguments';
import { jobIdOf } from './job-handle';
import type { NewJobs } from './new-jobs';
import { QueueAdmin } from './queue-admin';

const LOG_OPTIONS: OptionNames<LogOptions> = { after: true, limit: true };
const WAIT_OPTIONS: OptionNames<WaitOptions> = { timeout: true };
const DEFAULT_LINES = 100;
const DAY: Seconds = 86_400;
/** No timer waits for more than 24.8 days. */
const LONGEST_WAIT: Seconds = 24 * DAY;

export interface FollowedJobsParts {
  readonly backend: QueueBackend;
  readonly jobs: NewJobs;
  readonly codec: PayloadCodec;
  readonly waits: JobWaits;
  readonly handlers: Pick<RuntimeHandlers, 'whenEnded'>;
}

/** @throws {InvalidJobOptionError} */
export function checkedTimeout(options: Partial<WaitOptions> | undefined): Seconds {
  // Who gives no options at all is told of the one that there has to be.
  const { timeout } = checkedOptions<Partial<WaitOptions>>(options ?? {}, WAIT_OPTIONS);
  const seconds = checkedDuration('timeout', timeout as Duration);
  if (seconds > LONGEST_WAIT) throw mustBe('timeout', `at most ${LONGEST_WAIT / DAY}d`, timeout);
  return seconds;
}

/** The verbs of a queue's service that follow single jobs from any process. */
export class FollowedJobs extends QueueAdmin {
  readonly #backend: QueueBackend;
  readonly #codec: PayloadCodec;
  readonly #waits: JobWaits;
  readonly #handlers: Pick<RuntimeHandlers, 'whenEnded'>;
  #listening = false;

  constructor(parts: FollowedJobsParts) {
    super(parts);
    this.#backend = parts.backend;
    this.#codec = parts.codec;
    this.#waits = parts.waits;
    this.#handlers = parts.handlers;
  }

  /**
   * How far the job is: what `job.progress()` got last; undefined when it has said nothing, and when there is no such
   * job.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * const { done, of } = (await queue.progress<{ done: number; of: number }>(id)) ?? { done: 0, of: 1 };
   */
  async progress<T = unknown>(job: JobReference): Promise<T | undefined> {
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
  async logs(job: JobReference, options: LogOptions = {}): Promise<LogLine[]> {
    const { after, limit = DEFAULT_LINES } = checkedOptions(options, LOG_OPTIONS);
    if (after !== undefined && typeof (after as unknown) !== 'string') throw mustBe('after', LINE_ID, after);
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
  async cancelJob(job: Job | JobReference, reason?: string): Promise<boolean> {
    const why = reason === undefined ? undefined : asReason(checkedText('reason', reason));
    const cancelling = feature(this.#backend, 'cancelling');
    const id = isJob(job) ? job.id : await jobIdOf(this.#backend, job);
    return id !== undefined && cancelling.cancel(id, why);
  }

  /**
   * Waits until a job has ended, in whichever process, and resolves with what its handler returned: of a pipeline, or a job,
   * with the option `keep`, which is what makes the result known. All who wait in a process share one small statement,
   * twice a second at most; a job that ends in this process is told at once.
   *
   * @throws {JobFailedError} when it is buried
   * @throws {JobCancelledError} when somebody has called it off
   * @throws {JobGoneError} when it is neither there nor kept: it was deleted, its pipeline keeps nothing, or it is of
   * another queue; and when no job that has not ended has the unique key
   * @throws {JobWaitTimeoutError} after the timeout; the job goes on
   * @throws {InvalidResultError} when it is completed, and what its handler returned could not be kept, or not be
   * decoded
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * const { pages } = await queue.waitFor<{ pages: number }>(id, { timeout: '30s' });
   */
  async waitFor<R = unknown>(job: JobReference, options: WaitOptions): Promise<R> {
    const timeout = checkedTimeout(options);
    feature(this.#backend, 'waiting');
    const id = await jobIdOf(this.#backend, job);
    if (id === undefined) throw new JobGoneError({ unique: read(job, 'unique') });
    this.#listen();
    const result = await this.#waits.end(id, timeout);
    return (result === undefined ? undefined : decodedResult(id, result, this.#codec)) as R;
  }

  /** From the first wait on: until then no event is listened to. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#handlers.whenEnded((id) => this.#waits.hint(id));
  }
}
