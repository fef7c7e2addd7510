const SHORTEST_MS = 200;
const LONGEST_MS = 10_000;
/** Reading takes at most that part of one connection's time, whoever looks however often. */
const SHARE = 1 / 40;

/**
 * What is read of a queue, each thing once a look, for all who look meanwhile. The next look comes when this one is
 * paid for: the dearer it was, the older it grows, up to ten seconds.
 */
export class Looks {
  private look = new Look();

  /** What the current look has read by that name, or reads now. */
  get<T>(name: string, read: () => Promise<T>): Promise<T> {
    if (this.look.isOver) this.look = new Look();
    return this.look.get(name, read);
  }

  /** Something was changed: the next look begins now. */
  forget(): void {
    this.look = new Look();
  }
}

class Look {
  private readonly begun = performance.now();
  private readonly readings = new Map<string, Promise<unknown>>();
  private pending = 0;
  private spent = 0;

  get isOver(): boolean {
    const age = performance.now() - this.begun;
    return this.pending === 0 && age >= Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.spent / SHARE));
  }

  get<T>(name: string, read: () => Promise<T>): Promise<T> {
    const known = this.readings.get(name);
    if (known) return known as Promise<T>;
    const reading = this.timed(read);
    this.readings.set(name, reading);
    // An error is for those who wait for it; the next one asks anew.
    reading.catch(() => this.readings.delete(name));
    return reading;
  }

  private async timed<T>(read: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    this.pending++;
    try {
      return await read();
    } finally {
      this.pending--;
      this.spent += performance.now() - begun;
    }
  }
}
