import type { Leased } from '../contract/job-data';
import type { Leases } from '../contract/leases';

/** Jobs on their way back. A process that dies before they have arrived takes their leases with it. */
export class GivenBack {
  private calls = 0;

  constructor(
    private readonly leases: Leases,
    /** Called whenever some have arrived. */
    private readonly arrived: () => void,
  ) {}

  get underWay(): boolean {
    return this.calls > 0;
  }

  /** Where single jobs cannot be given back, closing the leases does it. */
  add(jobs: readonly Leased[]): void {
    if (jobs.length > 0 && this.leases.returns) void this.give(jobs);
  }

  private async give(jobs: readonly Leased[]): Promise<void> {
    this.calls += 1;
    await this.leases.giveBack(jobs);
    this.calls -= 1;
    this.arrived();
  }
}
