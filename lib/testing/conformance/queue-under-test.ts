import { randomUUID } from 'node:crypto';
import type { QueueBackend } from '../../core/contract/backend';
import type { JobId, NewJob, PipelineStats } from '../../core/contract/job-data';
import type { OpenBackend } from './open-backend';
import { TestLeases } from './test-leases';

const ORDINARY_JOB: NewJob = { payload: '"ordinary"', priority: 1024, delay: 0, ttr: 60 };

/** The backend as one case sees it: with pipelines of its own, and leases that end with the case. */
export class QueueUnderTest {
  private readonly pipelines: string[] = [];
  private readonly leases: TestLeases[] = [];
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

  /** Returns the jobs' ids. */
  async putTo(pipeline: string, ...jobs: readonly Partial<NewJob>[]): Promise<JobId[]> {
    const results = await this.backend.put(
      pipeline,
      jobs.map((job) => ({ ...ORDINARY_JOB, ...job })),
    );
    return results.map(({ id }) => id);
  }

  stats(): Promise<PipelineStats> {
    return this.backend.inspect.stats(this.pipeline);
  }

  /** The leases of one worker on the case's pipeline, or on those. */
  async lease(...pipelines: readonly string[]): Promise<TestLeases> {
    const names = pipelines.length > 0 ? pipelines : [this.pipeline];
    const leases = new TestLeases(await this.backend.lease(names));
    this.leases.push(leases);
    return leases;
  }

  async close(): Promise<void> {
    await Promise.all(this.leases.map((leases) => leases.close()));
    for (const pipeline of this.pipelines) {
      await this.backend.admin.clear(pipeline, 'ready');
      await this.backend.admin.clear(pipeline, 'delayed');
      await this.backend.admin.clear(pipeline, 'buried');
    }
  }
}
