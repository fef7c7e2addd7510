import type { Consumer, Lister, Page, QueueBackend } from '../../core/contract/backend';
import { BackendClosedError } from '../../core/contract/errors';
import type {
  JobId,
  JobSnapshot,
  JobState,
  NewJob,
  PipelineStats,
  RestingState,
  Seconds,
} from '../../core/contract/job-data';
import { type Clock, systemClock } from './clock';
import { MemoryConsumer } from './memory-consumer';
import type { MemoryPipeline } from './memory-pipeline';
import { MemoryStore } from './memory-store';

export interface MemoryBackendOptions {
  /** The system's own by default. */
  readonly clock?: Clock;
}

/**
 * A backend that keeps its jobs in this process, for tests: the whole contract, but they end with the process.
 * Closed and connected again it still has them. Use one value for everything that shall share the jobs.
 */
export function memoryBackend({ clock = systemClock }: MemoryBackendOptions = {}): QueueBackend & Lister {
  return new MemoryBackend(new MemoryStore(clock));
}

class MemoryBackend implements QueueBackend, Lister {
  readonly name = 'memory';
  private connected = false;

  constructor(private readonly store: MemoryStore) {}

  async connect(): Promise<void> {
    this.connected = true;
  }

  async close(): Promise<void> {
    this.connected = false;
  }

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]> {
    const store = this.open();
    const ids = jobs.map((job) => store.add(pipeline, job));
    store.wake();
    await store.breathe();
    return ids;
  }

  async consume(pipelines: readonly string[]): Promise<Consumer> {
    return new MemoryConsumer(this.open(), pipelines);
  }

  async find(id: JobId): Promise<JobSnapshot | undefined> {
    const snapshot = this.open().find(id)?.snapshot(this.now);
    await this.store.breathe();
    return snapshot;
  }

  async peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    return this.open().pipeline(pipeline).peek(state)?.snapshot(this.now);
  }

  async list(pipeline: string, state: JobState, { offset, limit }: Page): Promise<JobSnapshot[]> {
    const jobs = this.open().pipeline(pipeline).list(state, offset, limit);
    return jobs.map((job) => job.snapshot(this.now));
  }

  async stats(pipeline: string): Promise<PipelineStats> {
    return this.open().pipeline(pipeline).stats();
  }

  async pipelines(): Promise<string[]> {
    return this.open().pipelinesWithJobs().sort();
  }

  async kick(pipeline: string, limit: number): Promise<number> {
    return this.tend(pipeline, (jobs) => jobs.kick(limit));
  }

  async kickJob(id: JobId): Promise<boolean> {
    const job = this.open().find(id);
    if (job?.state !== 'buried' && job?.state !== 'delayed') return false;
    this.tend(job.pipeline, (jobs) => jobs.kickJob(job));
    return true;
  }

  async discard(id: JobId): Promise<boolean> {
    const job = this.open().find(id);
    const resting = job !== undefined && job.state !== 'reserved';
    if (resting) this.store.delete(job);
    await this.store.breathe();
    return resting;
  }

  async clear(pipeline: string, state: RestingState): Promise<number> {
    const store = this.open();
    const jobs = store.pipeline(pipeline).list(state, 0, Infinity);
    for (const job of jobs) store.delete(job);
    return jobs.length;
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    this.tend(pipeline, (jobs) => jobs.pause(duration));
  }

  async resume(pipeline: string): Promise<void> {
    this.tend(pipeline, (jobs) => jobs.resume());
  }

  private get now(): number {
    return this.store.clock.now();
  }

  private open(): MemoryStore {
    if (!this.connected) throw new BackendClosedError(this.name);
    return this.store;
  }

  /** Does something to a pipeline that may make jobs ready, and wakes those who wait for them. */
  private tend<Answer>(pipeline: string, what: (jobs: MemoryPipeline) => Answer): Answer {
    const answer = what(this.open().pipeline(pipeline));
    this.store.wake();
    return answer;
  }
}
