import type { QueueBackend } from '../../core/contract/backend';
import { mustBe } from '../../core/contract/errors';
import type { Page } from '../../core/contract/features';
import type { JobState } from '../../core/contract/job-data';
import type { PayloadCodec } from '../../core/payload/payload-codec';
import type { FoundJob } from '../../core/reading/found-job';
import type { KeptJob } from '../../core/reading/kept-job';
import type { EventsOptions, HistoryOptions, JobReference, UniqueHandle } from '../options/service.options';
import { definitionOf, PipelineDefinition } from '../pipelines/pipeline-definition';
import type { AnyPipeline } from './checked-arguments';
import { JobReader } from './job-reader';
import type { QueueEvent } from './queue-events';

export interface ReadJobsParts {
  readonly backend: QueueBackend;
  readonly codec: PayloadCodec;
}

/** What the implementation of overloads has: a job, with the definition of its pipeline or without. */
type Given<J> = readonly [job: J] | readonly [pipeline: PipelineDefinition, job: J];

/**
 * The verbs of a queue's service that read jobs. They return payloads decoded, with the stored text as `raw`; one that
 * cannot be read is `undefined`, `unreadable` says why, and the other jobs of a page are not touched by it. With a
 * pipeline's definition they are typed by it, and are what a handler would get: what its schema makes of them.
 */
export class ReadJobs {
  readonly #reader: JobReader;

  constructor({ backend, codec }: ReadJobsParts) {
    this.#reader = new JobReader(backend, codec);
  }

  /**
   * The job as it is now: one that has not ended, or has ended and is kept. `state` tells which. Undefined when it is
   * neither there nor kept; on beanstalkd, which keeps nothing, as soon as it has ended. A unique key leads to a job that
   * has not ended, or ends meanwhile. With a pipeline's definition, by itself or in the handle of a unique key, its payload has the type, and
   * a job of another pipeline is none.
   *
   * @example
   * const job = await queue.findJob(mails, id);
   * if (job?.unreadable) console.log(job.raw, job.unreadable.message);
   * else if (job?.state === 'completed') console.log(job.payload.to, job.result, job.endedAt);
   * else console.log(job?.state, job?.payload.to);
   */
  findJob<P>(
    pipeline: PipelineDefinition<P, unknown>,
    job: JobReference,
  ): Promise<FoundJob<P> | KeptJob<P> | undefined>;
  findJob<P>(
    job: UniqueHandle<PipelineDefinition<P, unknown>>,
  ): Promise<FoundJob<P> | KeptJob<P> | undefined>;
  findJob<P = unknown, R = unknown>(job: JobReference): Promise<FoundJob<P> | KeptJob<P, R> | undefined>;
  async findJob(...given: Given<JobReference>): Promise<FoundJob | KeptJob | undefined> {
    const [job, pipeline] = jobAndPipeline(given);
    return this.#reader.find(job, pipeline ?? definitionOf(job));
  }

  /**
   * A page of the pipeline's jobs in that state, in the order in which they leave it; default the first 20. A
   * backend that cannot list (beanstalkd) shows the first one alone and rejects with `UnsupportedByBackendError`
   * for a later page and for reserved jobs.
   *
   * @example
   * for (const { id, payload, reason } of await queue.peek(mails, 'buried')) console.log(id, payload?.to, reason);
   */
  peek<P>(
    pipeline: PipelineDefinition<P, unknown>,
    state: JobState,
    options?: Partial<Page>,
  ): Promise<FoundJob<P>[]>;
  peek<P = unknown>(pipeline: string, state: JobState, options?: Partial<Page>): Promise<FoundJob<P>[]>;
  async peek(pipeline: AnyPipeline, state: JobState, options: Partial<Page> = {}): Promise<FoundJob[]> {
    return this.#reader.page(pipeline, state, options);
  }

  /** The job that `kick` would take next. */
  getNextBuriedJob<P>(pipeline: PipelineDefinition<P, unknown>): Promise<FoundJob<P> | undefined>;
  getNextBuriedJob<P = unknown>(pipeline: string): Promise<FoundJob<P> | undefined>;
  async getNextBuriedJob(pipeline: AnyPipeline): Promise<FoundJob | undefined> {
    return this.#reader.nextBuried(pipeline);
  }

  /**
   * A page of the pipeline's kept jobs, those that ended last first; default the first 20. Jobs are kept where the option
   * `keep` says so.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * const page = await queue.history(thumbnails, { state: 'completed' });
   * const next = await queue.history(thumbnails, { state: 'completed', after: page.at(-1) });
   */
  history<P>(pipeline: PipelineDefinition<P, unknown>, options?: HistoryOptions): Promise<KeptJob<P>[]>;
  history<P = unknown, R = unknown>(pipeline: string, options?: HistoryOptions): Promise<KeptJob<P, R>[]>;
  async history(pipeline: AnyPipeline, options: HistoryOptions = {}): Promise<KeptJob[]> {
    return this.#reader.history(pipeline, options);
  }

  /**
   * The ends of the pipeline's kept jobs, those to come and, with `after`, those that have been, in an order that all
   * readers in all processes see alike. A reader that remembers the cursor of the last event misses none while it is
   * away, also when it is killed. The loop ends when the signal aborts and when the queue closes; in an outage it waits.
   * Jobs that are not kept, and buried ones, make no events.
   *
   * @throws {EventsGoneError} in the loop, when the next event is no longer kept; `error.next` is where to go on
   * @throws {InvalidJobOptionError} for a cursor that is none, or beyond the events of this pipeline
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * for await (const { cursor, job } of queue.events(thumbnails, { after: await lastCursor() })) {
   *   await note(job.id, job.state, cursor);
   * }
   */
  events<P>(
    pipeline: PipelineDefinition<P, unknown>,
    options?: EventsOptions,
  ): AsyncGenerator<QueueEvent<P>, void, void>;
  events<P = unknown, R = unknown>(
    pipeline: string,
    options?: EventsOptions,
  ): AsyncGenerator<QueueEvent<P, R>, void, void>;
  events(pipeline: AnyPipeline, options: EventsOptions = {}): AsyncGenerator<QueueEvent, void, void> {
    return this.#reader.events(pipeline, options);
  }
}

function jobAndPipeline<J>(given: Given<J>): [job: J, pipeline: PipelineDefinition | undefined] {
  const [first, second] = given as readonly unknown[];
  if (first instanceof PipelineDefinition) return [second as J, first];
  if (second === undefined) return [first as J, undefined];
  throw mustBe('pipeline', 'what definePipeline() has returned, where a job follows', first);
}
