import type { Leased } from '../contract/job-data';
import type { Isolation } from '../process/isolation';
import type { RunningJob } from './running-job';

/** What a cell needs of its worker. */
export interface PoisonCellHost {
  readonly running: Map<Leased, RunningJob>;
  /** Whether any job may start at all. */
  readonly mayStart: boolean;
  handle(running: RunningJob): void;
  giveBack(jobs: readonly Leased[]): void;
}

/** One worker's poison job while it waits to run alone in the process. It is renewed like a running one. */
export class PoisonCell {
  private waiting: RunningJob | undefined;

  constructor(
    private readonly isolation: Isolation,
    private readonly host: PoisonCellHost,
  ) {}

  get isOccupied(): boolean {
    return this.waiting !== undefined;
  }

  /** False when another poison job of the process is first. */
  admit(poison: RunningJob): boolean {
    poison.alone = true;
    this.waiting = poison;
    this.host.running.set(poison.reserved, poison);
    const entered = this.isolation.enter(() => {
      if (!this.host.mayStart) return this.drop();
      this.waiting = undefined;
      this.host.handle(poison);
    });
    if (!entered) this.remove(poison);
    return entered;
  }

  /** It does not start here: it goes back. */
  drop(): void {
    const { waiting } = this;
    if (!waiting) return;
    this.remove(waiting);
    this.host.giveBack([waiting.reserved]);
    this.isolation.leave();
  }

  /** Whether it is the one that waits: another worker has it then, and nobody is to be held up. */
  hasLost(running: RunningJob): boolean {
    if (running !== this.waiting) return false;
    this.remove(running);
    this.isolation.leave();
    return true;
  }

  private remove(poison: RunningJob): void {
    this.waiting = undefined;
    this.host.running.delete(poison.reserved);
  }
}
