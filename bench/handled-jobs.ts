import { now } from './clock';
import type { Payload } from './contender';

/** More than any measurement that asks for moments and delays handles. */
const REMEMBERED = 100_000;

/** What the handlers of one worker leave behind. Its memory does not grow, so that the process's memory is the queue's. */
export class HandledJobs {
  count = 0;
  private readonly allMoments = new Float64Array(REMEMBERED);
  private readonly allDelays = new Float64Array(REMEMBERED);
  private readonly numbers = new Uint32Array(REMEMBERED);
  private awaited: { count: number; resolve: () => void } | undefined;

  add({ at, number }: Payload): void {
    const moment = now();
    if (this.count < REMEMBERED) {
      this.allMoments[this.count] = moment;
      this.allDelays[this.count] = moment - at;
      this.numbers[this.count] = number;
    }
    this.count += 1;
    if (this.awaited && this.count >= this.awaited.count) this.awaited.resolve();
  }

  /** When each of the first jobs was handled, in milliseconds of `now()`. */
  get moments(): number[] {
    return Array.from(this.allMoments.subarray(0, this.count));
  }

  /** How long each of the first jobs had waited, in milliseconds from the call that added it. */
  get delays(): number[] {
    return Array.from(this.allDelays.subarray(0, this.count));
  }

  /** Undefined when the job was not handled here. */
  momentOf(number: number): number | undefined {
    const index = this.numbers.subarray(0, this.count).indexOf(number);
    return index === -1 ? undefined : this.allMoments[index];
  }

  /** Resolves when that many jobs were handled since the beginning. */
  reach(count: number): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    return new Promise((resolve) => (this.awaited = { count, resolve }));
  }
}
