import type { JobId, NewJob, PutResult, Seconds, UniqueKey } from '../../core/contract/job-data';
import type { KeepRule } from '../../core/contract/ports/history';
import { Breath } from '../../core/time/breath';
import type { Clock } from './clock';
import { MemoryJob } from './memory-job';
import { MemoryPipeline } from './memory-pipeline';
import { MemoryKept } from './ports/memory-kept';
import { MemoryKeys } from './ports/memory-keys';
import { fired, type MemorySchedule } from './ports/memory-schedule';

/** All jobs of one memory backend, and the waits for them. */
export class MemoryStore {
  readonly schedules = new Map<string, MemorySchedule>();
  /** How cancelled jobs are kept, by their pipelines. */
  readonly keepCancelled = new Map<string, KeepRule>();
  private readonly jobs = new Map<JobId, MemoryJob>();
  private readonly pipelines = new Map<string, MemoryPipeline>();
  private readonly sleepers = new Set<() => void>();
  private readonly breath = new Breath();
  private readonly keys: MemoryKeys;
  readonly kept: MemoryKept;
  private added = 0;

  constructor(readonly clock: Clock) {
    this.keys = new MemoryKeys(clock);
    this.kept = new MemoryKept(clock);
  }

  pipeline(name: string): MemoryPipeline {
    let pipeline = this.pipelines.get(name);
    if (!pipeline) {
      pipeline = new MemoryPipeline(this.clock);
      this.pipelines.set(name, pipeline);
    }
    pipeline.advance();
    for (const job of pipeline.outOfLimit) this.remove(job, pipeline);
    return pipeline;
  }

  pipelinesWithJobs(): string[] {
    return [...this.pipelines].flatMap(([name, pipeline]) => (pipeline.isEmpty ? [] : [name]));
  }

  find(id: JobId): MemoryJob | undefined {
    const job = this.jobs.get(id);
    if (job) this.pipeline(job.pipeline);
    return this.jobs.get(id);
  }

  put(pipeline: string, job: NewJob): PutResult {
    if (job.unique) return this.putUnique(pipeline, job, job.unique);
    return { id: this.add(pipeline, job), existed: false };
  }

  add(pipeline: string, job: NewJob): JobId {
    return this.stored(pipeline, job).id;
  }

  /** The job that was added with that key last, and has it. */
  withKey(pipeline: string, key: string): MemoryJob | undefined {
    const job = this.keys.find(pipeline, key);
    return job && this.find(job.id);
  }

  delete(job: MemoryJob): void {
    this.remove(job, this.pipeline(job.pipeline));
  }

  /** When a schedule is due next, in milliseconds since 1970. */
  get nextSlot(): number {
    let next = Infinity;
    for (const schedule of this.schedules.values()) next = Math.min(next, schedule.next ?? Infinity);
    return next;
  }

  /** Adds the jobs of the schedules' slots that are due. Every claim begins with it. */
  fire(): void {
    const now = this.clock.now();
    while (this.schedules.size > 0 && this.nextSlot <= now)
      for (const [name, schedule] of this.schedules) this.schedules.set(name, fired(this, schedule, now));
  }

  private remove(job: MemoryJob, pipeline: MemoryPipeline): void {
    this.keys.release(job);
    this.jobs.delete(job.id);
    pipeline.remove(job);
  }

  private stored(pipeline: string, newJob: NewJob): MemoryJob {
    const job = new MemoryJob((this.added += 1), pipeline, newJob, this.clock.now());
    this.jobs.set(job.id, job);
    this.pipeline(pipeline).add(job, newJob.delay);
    return job;
  }

  private putUnique(pipeline: string, newJob: NewJob, unique: UniqueKey): PutResult {
    const earlier = unique.for === undefined ? undefined : this.keys.throttledBy(pipeline, unique.key);
    if (earlier !== undefined) return { id: earlier, existed: true };
    const last = this.withKey(pipeline, unique.key);
    if (last?.holdsKey(unique)) {
      if (unique.onConflict === 'keep') return { id: last.id, existed: true };
      if (last.state !== 'reserved') {
        this.pipeline(pipeline).replace(last, newJob, this.delayOf(last, newJob, unique));
        return { id: last.id, existed: true };
      }
    }
    if (last) this.keys.release(last);
    const job = this.stored(pipeline, newJob);
    this.keys.take(job, unique);
    return { id: job.id, existed: false };
  }

  private delayOf({ addedAt }: MemoryJob, { delay }: NewJob, { maxWait = Infinity }: UniqueKey): Seconds {
    const left = maxWait - (this.clock.now() - addedAt) / 1000;
    return Math.max(0, Math.min(delay, left));
  }

  /** A look that timers and signals survive, however often somebody repeats it. */
  async read<T>(look: (store: this) => T): Promise<T> {
    const found = look(this);
    await this.breathe();
    return found;
  }

  /** Awaited at the end of a verb, because nothing here waits for anything outside of the process. */
  async breathe(): Promise<void> {
    if (this.breath.due) await this.breath.taken();
  }

  /** Resolves at the next `wake`, at that time, or when the signal aborts, whichever is first. */
  sleep(until: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        callOff();
        signal.removeEventListener('abort', wake);
        this.sleepers.delete(wake);
        resolve();
      };
      const callOff = this.clock.schedule(wake, until - this.clock.now());
      signal.addEventListener('abort', wake, { once: true });
      this.sleepers.add(wake);
    });
  }

  /** Wakes all waits, because something has changed. */
  wake(): void {
    for (const wake of [...this.sleepers]) wake();
  }
}
