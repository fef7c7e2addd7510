import { types } from 'node:util';
import { checkedInteger } from '../../core/checks/checks';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { read } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import { mustBe } from '../../core/contract/errors';
import { feature, type Page } from '../../core/contract/features';
import type { JobSnapshot, JobState } from '../../core/contract/job-data';
import {
  END_STATES,
  type EndedJob,
  HISTORY_PLACE,
  type HistoryPlace,
} from '../../core/contract/ports/history';
import type { PayloadCodec } from '../../core/payload/payload-codec';
import { type FoundJob, foundJob } from '../../core/reading/found-job';
import { type KeptJob, keptJob } from '../../core/reading/kept-job';
import type { EventsOptions, HistoryOptions, JobReference } from '../options/service.options';
import { type PipelineDefinition, schemaOf } from '../pipelines/pipeline-definition';
import { type AnyPipeline, checkedName, checkedState, PAGE } from './checked-arguments';
import { jobIdOf } from './job-handle';
import { eventsOf, type QueueEvent } from './queue-events';

const STATES: readonly JobState[] = ['ready', 'delayed', 'reserved', 'buried'];
const DEFAULT_PAGE_SIZE = 20;
const MOST_ENDED = 1000;
const HISTORY: OptionNames<HistoryOptions> = { state: true, after: true, limit: true };

/** Reads jobs, with their payloads as a handler of the pipeline would get them. */
export class JobReader {
  constructor(
    private readonly backend: QueueBackend,
    private readonly codec: PayloadCodec,
  ) {}

  /** A job of another pipeline is none. */
  async find(job: JobReference, pipeline?: PipelineDefinition): Promise<FoundJob | KeptJob | undefined> {
    const id = await jobIdOf(this.backend, job);
    if (id === undefined) return undefined;
    const found = await this.backend.inspect.find(id);
    if (found) return isOf(found, pipeline) ? this.found(found, pipeline) : undefined;
    // In this order: the transaction that deletes a job keeps it, so one that ends in between is found here.
    const ended = await this.backend.features.history?.find(id);
    return ended && isOf(ended, pipeline) ? this.kept(ended, pipeline) : undefined;
  }

  async nextBuried(pipeline: AnyPipeline): Promise<FoundJob | undefined> {
    const next = await this.backend.inspect.peek(checkedName(pipeline), 'buried');
    return next && this.found(next, pipeline);
  }

  /** A page of the jobs in a state; of a backend that cannot list, the first job alone. */
  async page(pipeline: AnyPipeline, state: JobState, options: Partial<Page>): Promise<FoundJob[]> {
    const name = checkedName(pipeline);
    const { offset = 0, limit = DEFAULT_PAGE_SIZE } = checkedOptions<Partial<Page>>(options, PAGE);
    const wanted = checkedState(state, STATES);
    const page = { offset: checkedInteger('offset', offset, 0), limit: checkedInteger('limit', limit, 1) };
    const jobs = await this.listed(name, wanted, page);
    return Promise.all(jobs.map((job) => this.found(job, pipeline)));
  }

  async history(pipeline: AnyPipeline, options: HistoryOptions): Promise<KeptJob[]> {
    const name = checkedName(pipeline);
    const { state, after, limit = DEFAULT_PAGE_SIZE } = checkedOptions(options, HISTORY);
    const page = {
      ...(state !== undefined && { state: checkedState(state, END_STATES) }),
      ...(after !== undefined && { after: checkedPlace(after) }),
      limit: checkedInteger('limit', limit, 1, MOST_ENDED),
    };
    const jobs = await feature(this.backend, 'history').list(name, page);
    return Promise.all(jobs.map((job) => this.kept(job, pipeline)));
  }

  events(pipeline: AnyPipeline, options: EventsOptions): AsyncGenerator<QueueEvent, void, void> {
    return eventsOf(this.backend, checkedName(pipeline), options, (job) => this.kept(job, pipeline));
  }

  private async listed(pipeline: string, state: JobState, page: Page): Promise<JobSnapshot[]> {
    if (this.backend.features.listing || state === 'reserved' || page.offset > 0)
      return feature(this.backend, 'listing').list(pipeline, state, page);
    const first = await this.backend.inspect.peek(pipeline, state);
    return first ? [first] : [];
  }

  private found(job: JobSnapshot, pipeline: AnyPipeline | undefined): Promise<FoundJob> {
    return foundJob(job, this.codec, pipeline === undefined ? undefined : schemaOf(pipeline));
  }

  private kept(job: EndedJob, pipeline: AnyPipeline | undefined): Promise<KeptJob> {
    return keptJob(job, this.codec, pipeline === undefined ? undefined : schemaOf(pipeline));
  }
}

function isOf(job: { readonly pipeline: string }, pipeline: PipelineDefinition | undefined): boolean {
  return !pipeline || job.pipeline === pipeline.name;
}

function checkedPlace(after: HistoryPlace): HistoryPlace {
  const [id, endedAt] = [read(after, 'id'), read(after, 'endedAt')];
  if (typeof id !== 'string' || !types.isDate(endedAt) || Number.isNaN(endedAt.getTime()))
    throw mustBe('after', HISTORY_PLACE, after);
  return { id, endedAt };
}
