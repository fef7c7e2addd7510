import { checkedDuration, checkedPriority } from '../../core/checks/checks';
import { checkedOptions } from '../../core/checks/options';
import type { TravellingContext } from '../../core/context/job-context';
import { InvalidJobOptionError } from '../../core/contract/errors';
import type { JobChange, NewJob } from '../../core/contract/job-data';
import type { Logger } from '../../core/contract/logger';
import type { PayloadCodec } from '../../core/payload/payload-codec';
import { checkedPayload, type StandardSchema } from '../../core/payload/payload-schema';
import { unitWarning } from '../../core/policy/backoff';
import { DEFAULT_TTR, jobOf, type JobOptions } from '../../core/policy/job-options';
import type { JobChanges, JobToAdd } from '../options/service.options';
import { type PipelineDefinition, schemaOf } from '../pipelines/pipeline-definition';
import type { RuntimeHandlers } from '../workers/runtime-handlers';
import { type AnyPipeline, checkedName, eachOf, JOB_CHANGES, JOB_TO_ADD } from './checked-arguments';

/** Makes jobs that a backend can put, and changes of them, of what the application gives. */
export class NewJobs {
  private warned = false;

  constructor(
    private readonly codec: PayloadCodec,
    private readonly handlers: RuntimeHandlers,
    private readonly logger: Logger,
    private readonly context?: TravellingContext,
  ) {}

  /** One job whose options are checked by name. */
  one(pipeline: AnyPipeline, payload: unknown, options: JobOptions): Promise<NewJob[]> {
    return this.finished(pipeline, [this.made(checkedName(pipeline), payload, options)]);
  }

  several(pipeline: AnyPipeline, jobs: readonly JobToAdd[]): Promise<NewJob[]> {
    const name = checkedName(pipeline);
    const made = eachOf('jobs', jobs, (given) => {
      const job = checkedOptions(given, JOB_TO_ADD, 'job');
      return this.made(name, job.payload, job);
    });
    return this.finished(pipeline, made);
  }

  /** Of a pipeline with a schema that takes the new payload, where it is known. */
  async change(given: JobChanges, pipeline?: PipelineDefinition): Promise<JobChange> {
    const changes = checkedOptions(given, JOB_CHANGES, 'changes');
    if (Object.keys(changes).length === 0)
      throw new InvalidJobOptionError('changes is empty: give payload, priority, delay, or several of them');
    const { payload, priority, delay } = changes;
    const text = payload === undefined ? undefined : this.codec.encode(payload);
    const schema = pipeline && schemaOf(pipeline);
    if (schema && text !== undefined) await this.check(schema, [{ payload: text }]);
    return {
      ...(text !== undefined && { payload: text }),
      ...(priority !== undefined && { priority: checkedPriority(priority) }),
      ...(delay !== undefined && { delay: checkedDuration('delay', delay) }),
    };
  }

  private made(pipeline: string, payload: unknown, options: JobOptions): NewJob {
    if (options.backoff !== undefined) this.warnOfUnit(options.backoff);
    return jobOf(this.codec.encode(payload), options, this.handlers.ttrOf(pipeline) ?? DEFAULT_TTR);
  }

  /** With the context of the caller, which is asked for once. */
  private async finished(pipeline: AnyPipeline, jobs: NewJob[]): Promise<NewJob[]> {
    const schema = schemaOf(pipeline);
    if (schema) await this.check(schema, jobs);
    const headers = this.context?.captured();
    return headers === undefined ? jobs : jobs.map((job) => ({ ...job, headers }));
  }

  /** As the worker will see them: a codec may turn a Date into a text, which its schema has to take. */
  private async check(schema: StandardSchema, jobs: readonly Pick<NewJob, 'payload'>[]): Promise<void> {
    for (const { payload } of jobs) await checkedPayload(schema, this.codec.decode(payload));
  }

  private warnOfUnit(backoff: unknown): void {
    if (this.warned) return;
    const warning = unitWarning(backoff);
    if (warning === undefined) return;
    this.warned = true;
    this.logger.warn(`addJob(): ${warning}`);
  }
}
