import type { MemoryJob } from './memory-job';

/**
 * Jobs of one state, in the order in which they leave it: by a rank, equal ranks oldest first. The rank of a job must
 * not change while the job is in the list.
 */
export class JobList {
  private readonly jobs: MemoryJob[] = [];

  constructor(private readonly rank: (job: MemoryJob) => number) {}

  get length(): number {
    return this.jobs.length;
  }

  get first(): MemoryJob | undefined {
    return this.jobs[0];
  }

  slice(start: number, end: number): MemoryJob[] {
    return this.jobs.slice(start, end);
  }

  insert(job: MemoryJob): void {
    this.jobs.splice(this.placeOf(job), 0, job);
  }

  remove(job: MemoryJob): void {
    this.jobs.splice(this.placeOf(job), 1);
  }

  /** The index of the first job that does not come before this one: its own, if it is in the list. */
  private placeOf(job: MemoryJob): number {
    let low = 0;
    let high = this.jobs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.comesBefore(this.jobs[middle]!, job)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private comesBefore(one: MemoryJob, other: MemoryJob): boolean {
    const difference = this.rank(one) - this.rank(other);
    return difference < 0 || (difference === 0 && one.age < other.age);
  }
}
