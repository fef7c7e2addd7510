import type { JobId, Seconds, UniqueKey } from '../../../core/contract/job-data';
import type { Clock } from '../clock';
import type { MemoryJob } from '../memory-job';

interface Throttle {
  readonly id: JobId;
  /** In milliseconds since 1970. */
  readonly until: number;
}

/** Which job was added last with which unique key, and for how long no other one is. */
export class MemoryKeys {
  private readonly jobs = new Map<string, MemoryJob>();
  private readonly throttles = new Map<string, Throttle>();

  constructor(private readonly clock: Clock) {}

  find(pipeline: string, key: string): MemoryJob | undefined {
    return this.jobs.get(nameOf(pipeline, key));
  }

  /** The job after which none of that key is to be added yet. */
  throttledBy(pipeline: string, key: string): JobId | undefined {
    const throttle = this.throttles.get(nameOf(pipeline, key));
    return throttle && this.clock.now() < throttle.until ? throttle.id : undefined;
  }

  take(job: MemoryJob, { key, for: time }: UniqueKey): void {
    job.uniqueKey = key;
    this.jobs.set(nameOf(job.pipeline, key), job);
    if (time !== undefined) this.throttle(job, key, time);
  }

  /** The job runs without a key from now on. */
  release(job: MemoryJob): void {
    if (job.uniqueKey === undefined) return;
    this.jobs.delete(nameOf(job.pipeline, job.uniqueKey));
    job.uniqueKey = undefined;
  }

  private throttle({ id, pipeline }: MemoryJob, key: string, time: Seconds): void {
    const now = this.clock.now();
    for (const [name, { until }] of this.throttles) if (until <= now) this.throttles.delete(name);
    this.throttles.set(nameOf(pipeline, key), { id, until: now + time * 1000 });
  }
}

/** No pipeline has a space in its name. */
function nameOf(pipeline: string, key: string): string {
  return `${pipeline} ${key}`;
}
