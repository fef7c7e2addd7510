import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { QueueBackend } from '../../core/contract/backend';
import { feature } from '../../core/contract/features';
import type { JobId, JobState, Leased, NewJob, PipelineStats } from '../../core/contract/job-data';
import type { NewSchedule } from '../../core/contract/ports/schedules';
import type { OpenBackend, OpenedBackend, TestedApplication } from './open-backend';
import { TestLeases, TransactingTestLeases } from './test-leases';

const ORDINARY_JOB: NewJob = { payload: '"ordinary"', priority: 1024, delay: 0, ttr: 60 };

/** The backend as one case sees it: with pipelines of its own, and leases that end with the case. */
export class QueueUnderTest {
  private readonly pipelines: string[] = [];
  private readonly leases: TestLeases[] = [];
  private readonly schedules = new Set<string>();
  readonly backend: QueueBackend;
  readonly pipeline = this.newPipeline();

  constructor(
    private readonly opened: OpenedBackend,
    readonly open: OpenBackend,
  ) {
    this.backend = opened.backend;
  }

  get application(): TestedApplication {
    const { application } = this.opened;
    assert.ok(
      application,
      'The backend has transactions: hand over an `application` with it, where it is opened.',
    );
    return application;
  }

  newPipeline(name = `conformance-${randomUUID()}`): string {
    this.pipelines.push(name);
    return name;
  }

  put(...jobs: readonly Partial<NewJob>[]): Promise<JobId[]> {
    return this.putTo(this.pipeline, ...jobs);
  }

  /** Returns the jobs' ids. */
  async putTo(pipeline: string, ...jobs: readonly Partial<NewJob>[]): Promise<JobId[]> {
    const results = await this.backend.put(pipeline, jobs.map(complete));
    return results.map(({ id }) => id);
  }

  /** Puts as a part of the transaction; returns the jobs' ids. */
  async putWithin(transaction: unknown, ...jobs: readonly Partial<NewJob>[]): Promise<JobId[]> {
    const port = feature(this.backend, 'transactions');
    const results = await port.put(transaction, this.pipeline, jobs.map(complete));
    return results.map(({ id }) => id);
  }

  /** Puts one job for each state and brings it there; returns their ids. */
  async oneInEachState(): Promise<Readonly<Record<JobState, JobId>>> {
    const [reserved, buried] = await this.put({ priority: 1 }, { priority: 2 });
    const leases = await this.lease();
    const [, second] = await leases.reserve(2);
    await leases.bury(second!);
    const [ready, delayed] = await this.put({ priority: 3 }, { priority: 4, delay: 60 });
    return { ready: ready!, delayed: delayed!, reserved: reserved!, buried: buried! };
  }

  /** Sets a schedule of the case's pipeline, which ends with the case; returns its name. Without a rule it is yearly. */
  async schedule(own: Partial<NewSchedule>): Promise<string> {
    const schedule = this.newSchedule(own);
    await feature(this.backend, 'schedules').set(schedule);
    return schedule.name;
  }

  /** The same, not set yet. */
  newSchedule(own: Partial<NewSchedule>): NewSchedule {
    const { pipeline } = this;
    const { name = `conformance-${randomUUID()}` } = own;
    const rule = own.cron === undefined && own.every === undefined ? { cron: '0 0 1 1 *' } : {};
    const { payload, priority, ttr } = ORDINARY_JOB;
    const job = { payload, priority, ttr, pipeline, missed: 'once', overlap: true, source: 'api' } as const;
    this.schedules.add(name);
    return { ...job, ...rule, timeZone: 'UTC', ...own, name };
  }

  stats(): Promise<PipelineStats> {
    return this.backend.inspect.stats(this.pipeline);
  }

  /** The leases of one worker on the case's pipeline, or on those. */
  async lease(...pipelines: readonly string[]): Promise<TestLeases> {
    const names = pipelines.length > 0 ? pipelines : [this.pipeline];
    const ends = new Map<Leased, Error>();
    const leases = new TestLeases(
      await this.backend.lease(names, (jobs, cause) => {
        for (const job of jobs) ends.set(job, cause);
      }),
      ends,
    );
    this.leases.push(leases);
    return leases;
  }

  /** The leases of one worker whose handlers have transactions, on the case's pipeline. */
  async leaseTransacting(): Promise<TransactingTestLeases> {
    const port = feature(this.backend, 'handlerTransactions');
    const leases = new TransactingTestLeases(await port.lease([this.pipeline]));
    this.leases.push(leases);
    return leases;
  }

  async close(): Promise<void> {
    for (const name of this.schedules) await this.backend.features.schedules?.remove(name);
    await Promise.all(this.leases.map((leases) => leases.close()));
    for (const pipeline of this.pipelines) {
      await this.backend.admin.clear(pipeline, 'ready');
      await this.backend.admin.clear(pipeline, 'delayed');
      await this.backend.admin.clear(pipeline, 'buried');
      await this.forget(pipeline);
    }
  }

  private async forget(pipeline: string): Promise<void> {
    const { history } = this.backend.features;
    const kept = (await history?.list(pipeline, { limit: 1000 })) ?? [];
    for (const { id } of kept) await history?.remove(id);
  }
}

function complete(job: Partial<NewJob>): NewJob {
  return { ...ORDINARY_JOB, ...job };
}
