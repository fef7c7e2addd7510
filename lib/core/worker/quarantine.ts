import type { Leased } from '../contract/job-data';

/**
 * Room for one suspect: a job whose next lost reservation would bury it. It starts only when nothing else of its
 * worker runs, and nothing else is held while it does. So a job that kills its process at last kills it alone,
 * and none is buried for having been beside it.
 */
export class Quarantine {
  private suspect: Leased | undefined;
  private enter: (() => void) | undefined;

  constructor(private readonly isSuspect: (job: Leased) => boolean) {}

  get occupied(): boolean {
    return this.suspect !== undefined;
  }

  /** Puts the first suspect in, when there is room. */
  admit(jobs: readonly Leased[]): Leased | undefined {
    return this.suspect ? undefined : (this.suspect = jobs.find(this.isSuspect));
  }

  /** Resolves when the suspect is called. */
  turn(): Promise<void> {
    return new Promise((resolve) => (this.enter = resolve));
  }

  /** It is the suspect's turn. */
  call(): void {
    this.enter?.();
    this.enter = undefined;
  }

  leave(job: Leased): void {
    if (job === this.suspect) this.suspect = undefined;
  }
}
