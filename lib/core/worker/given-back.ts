import type { Leased } from '../contract/job-data';
import type { Leases } from '../contract/leases';

/** Jobs on their way back. A process that dies before they have arrived takes their leases with it. */
export class GivenBack {
  private readonly jobs = new Set<Leased>();

  constructor(
    private readonly leases: Leases,
    /** Called whenever some have arrived. */
    private readonly arrived: () => void,
  ) {}

  get underWay(): boolean {
    return this.jobs.size > 0;
  }

  has(job: Leased): boolean {
    return this.jobs.has(job);
  }

  /** Where single jobs cannot be given back, closing the leases does it. */
  add(jobs: readonly Leased[]): void {
    if (jobs.length > 0 && this.leases.returns) void this.give(jobs);
  }

  private async give(jobs: readonly Leased[]): Promise<void> {
    for (const job of jobs) this.jobs.add(job);
    await this.leases.giveBack(jobs);
    for (const job of jobs) this.jobs.delete(job);
    this.arrived();
  }
}
