import { randomUUID } from 'node:crypto';
import type { QueueBackend } from '../../core/contract/backend';
import type { JobId, NewJob, PipelineStats } from '../../core/contract/job-data';
import type { OpenBackend } from './open-backend';
import { TestConsumer } from './test-consumer';

const ORDINARY_JOB: NewJob = { payload: '"ordinary"', priority: 1024, delay: 0, ttr: 60 };

/** The backend as one case sees it: with pipelines of its own, and consumers that end with the case. */
export class QueueUnderTest {
  private readonly pipelines: string[] = [];
  private readonly consumers: TestConsumer[] = [];
  readonly pipeline = this.newPipeline();

  constructor(
    readonly backend: QueueBackend,
    readonly open: OpenBackend,
  ) {}

  newPipeline(name = `conformance-${randomUUID()}`): string {
    this.pipelines.push(name);
    return name;
  }

  put(...jobs: readonly Partial<NewJob>[]): Promise<JobId[]> {
    return this.putTo(this.pipeline, ...jobs);
  }

  putTo(pipeline: string, ...jobs: readonly Partial<NewJob>[]): Promise<JobId[]> {
    return this.backend.put(
      pipeline,
      jobs.map((job) => ({ ...ORDINARY_JOB, ...job })),
    );
  }

  stats(): Promise<PipelineStats> {
    return this.backend.stats(this.pipeline);
  }

  /** A consumer of the case's pipeline, or of those. */
  async consumer(...pipelines: readonly string[]): Promise<TestConsumer> {
    const names = pipelines.length > 0 ? pipelines : [this.pipeline];
    const consumer = new TestConsumer(await this.backend.consume(names));
    this.consumers.push(consumer);
    return consumer;
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
    for (const pipeline of this.pipelines) {
      await this.backend.clear(pipeline, 'ready');
      await this.backend.clear(pipeline, 'delayed');
      await this.backend.clear(pipeline, 'buried');
    }
  }
}
