import { checkedInteger } from '../../core/checks/checks';
import { checkedOptions } from '../../core/checks/options';
import type { QueueBackend } from '../../core/contract/backend';
import { InvalidScheduleError, shown } from '../../core/contract/errors';
import { feature, type Page } from '../../core/contract/features';
import type { JobId, NewJob } from '../../core/contract/job-data';
import type { ScheduleChanges, Schedules, ScheduleSnapshot } from '../../core/contract/ports/schedules';
import { checkedScheduleName, checkedTiming } from '../../core/schedule/schedule';
import { slotsFrom } from '../../core/schedule/slots';
import {
  SCHEDULE_OPTIONS,
  SCHEDULE_TRANSACTION,
  type ScheduleOptions,
  type ScheduleTransactionOptions,
} from '../options/schedule.options';
import type { PipelineDefinition } from '../pipelines/pipeline-definition';
import { type AnyPipeline, checkedName, givenTransaction, PAGE } from '../service/checked-arguments';
import type { JobPuts } from '../service/job-puts';
import type { NewJobs } from '../service/new-jobs';

const DEFAULT_PAGE_SIZE = 20;
const MOST_COMING = 10_000;

/**
 * The queue's schedules, those at handlers among them. Changes are a part of the transaction that `transaction` or
 * `manager` names, or of the current one, as `addJob` is. All verbs reject with `InvalidScheduleError` for what is no name,
 * and with `UnsupportedByBackendError` on a backend that keeps none.
 */
export class QueueSchedules {
  readonly #backend: QueueBackend;
  readonly #jobs: NewJobs;
  readonly #puts: Pick<JobPuts, 'transactionOf'>;

  constructor(backend: QueueBackend, jobs: NewJobs, puts: Pick<JobPuts, 'transactionOf'>) {
    this.#backend = backend;
    this.#jobs = jobs;
    this.#puts = puts;
  }

  /**
   * Makes a schedule, or changes the one of that name; it stays until it is removed. A rule that stays as it was keeps
   * its next slot, so to call this at every start misses none. A paused schedule stays paused.
   *
   * @throws {InvalidScheduleError} for a cron text, time zone, length of time or name that cannot be; for a cron text
   * that never fires; when the name is that of a schedule at a handler
   * @throws {InvalidPayloadError} as `addJob` does
   * @example
   * await queue.schedules.set('trial-ends', { pipeline: 'mail', cron: '0 9 * * 1-5', timeZone: 'Europe/Berlin' });
   */
  set<P, T>(
    name: string,
    options: Omit<ScheduleOptions<NoInfer<T>>, 'pipeline'> & { readonly pipeline: PipelineDefinition<P, T> },
  ): Promise<void>;
  set<T>(name: string, options: ScheduleOptions<T> & { readonly pipeline: string }): Promise<void>;
  async set(
    name: string,
    given: Omit<ScheduleOptions, 'pipeline'> & { readonly pipeline: AnyPipeline },
  ): Promise<void> {
    const { port } = this;
    checkedScheduleName(name);
    const options = checkedOptions(given as ScheduleOptions, SCHEDULE_OPTIONS);
    // Before the payload is waited for, as the caller's transaction is the current one now.
    const schedules = this.#within(port, options);
    const { pipeline, payload = null, priority, ttr, attempts, backoff } = options;
    const timing = checkedTiming(options);
    const how = { priority, ttr, attempts, backoff };
    const [job] = (await this.#jobs.one(pipeline, payload, said(how))) as [NewJob];
    await schedules.set({
      ...withoutDelay(job),
      ...timing,
      name,
      pipeline: checkedName(pipeline),
      source: 'api',
    });
  }

  /** With its last and its next run; its payload is the stored text. Undefined when there is none of that name. */
  async get(name: string): Promise<ScheduleSnapshot | undefined> {
    return this.port.find(checkedScheduleName(name));
  }

  /** A page of all schedules, sorted by name; default the first 20. */
  async list(page: Partial<Page> = {}): Promise<ScheduleSnapshot[]> {
    const { offset = 0, limit = DEFAULT_PAGE_SIZE } = checkedOptions<Partial<Page>>(page, PAGE);
    return this.port.list({
      offset: checkedInteger('offset', offset, 0),
      limit: checkedInteger('limit', limit, 1),
    });
  }

  /**
   * Ends a schedule; the jobs that it has added stay. False when there is none of that name. One at a handler comes back
   * with the next start, or within an hour or so where a process has it: take it out of the code, or pause it.
   */
  async remove(name: string, options: ScheduleTransactionOptions = {}): Promise<boolean> {
    return this.#changes(options).remove(checkedScheduleName(name));
  }

  /** It adds no jobs until it is resumed, in no process, whatever starts meanwhile. False when there is none of that name. */
  async pause(name: string, options: ScheduleTransactionOptions = {}): Promise<boolean> {
    return this.#changes(options).pause(checkedScheduleName(name));
  }

  /** Goes on with the next slot from now; those of the pause are not missed ones. False when there is none of that name. */
  async resume(name: string, options: ScheduleTransactionOptions = {}): Promise<boolean> {
    return this.#changes(options).resume(checkedScheduleName(name));
  }

  /**
   * Adds a job now, of a paused schedule, too, and returns its id; the next slot stays. With `overlap: false` it is the
   * id of the job that waits or runs.
   *
   * @throws {InvalidScheduleError} when there is none of that name
   */
  async runNow(name: string, options: ScheduleTransactionOptions = {}): Promise<JobId> {
    const ran = await this.#changes(options).run(checkedScheduleName(name));
    if (ran) return ran.id;
    throw noSchedule(name);
  }

  /**
   * The moments of its next runs, 1 to 10,000; none while it is paused.
   *
   * @throws {InvalidScheduleError} when there is none of that name
   */
  async next(name: string, count: number): Promise<Date[]> {
    const schedules = this.port;
    const most = checkedInteger('count', count, 1, MOST_COMING);
    const schedule = await schedules.find(checkedScheduleName(name));
    if (!schedule) throw noSchedule(name);
    const { next } = schedule;
    return next ? slotsFrom(schedule, next.getTime(), most).map((slot) => new Date(slot)) : [];
  }

  private get port(): Schedules {
    return feature(this.#backend, 'schedules');
  }

  #changes(options: ScheduleTransactionOptions): ScheduleChanges {
    return this.#within(this.port, checkedOptions(options, SCHEDULE_TRANSACTION));
  }

  #within(schedules: Schedules, options: ScheduleTransactionOptions): ScheduleChanges {
    const meant = this.#puts.transactionOf(givenTransaction(options));
    return meant ? feature(this.#backend, 'scheduleTransactions').within(meant) : schedules;
  }
}

function noSchedule(name: string): InvalidScheduleError {
  return new InvalidScheduleError(
    `There is no schedule ${shown(name)}: queue.schedules.list() has the names, and those at handlers are there once a worker has started.`,
  );
}

function withoutDelay({ payload, priority, ttr, retry, headers }: NewJob): Omit<NewJob, 'delay'> {
  return {
    payload,
    priority,
    ttr,
    ...(retry !== undefined && { retry }),
    ...(headers !== undefined && { headers }),
  };
}

function said<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
