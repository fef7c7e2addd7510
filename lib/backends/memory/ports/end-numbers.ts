import type { JobId } from '../../../core/contract/job-data';
import type { EndedJob } from '../../../core/contract/ports/history';

/** Numbers the ends of kept jobs, by pipeline. Here they are in order from the start. */
export class EndNumbers {
  private readonly last = new Map<string, number>();
  private readonly numbers = new Map<JobId, number>();

  add({ id, pipeline }: Pick<EndedJob, 'id' | 'pipeline'>): void {
    const number = this.lastOf(pipeline) + 1;
    this.last.set(pipeline, number);
    this.numbers.set(id, number);
  }

  of(id: JobId): number {
    return this.numbers.get(id) ?? 0;
  }

  lastOf(pipeline: string): number {
    return this.last.get(pipeline) ?? 0;
  }
}
