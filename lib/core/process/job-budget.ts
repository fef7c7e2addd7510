/** How many jobs the workers of a process may still start, all together. */
export class JobBudget {
  private readonly listeners: (() => void)[] = [];

  constructor(private jobs = Infinity) {}

  get left(): number {
    return this.jobs;
  }

  /** To be called for each job that starts, while any is left. */
  take(): void {
    this.jobs -= 1;
    if (this.jobs === 0) for (const listener of this.listeners) listener();
  }

  onSpent(listener: () => void): void {
    this.listeners.push(listener);
  }
}
