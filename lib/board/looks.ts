const SHORTEST_MS = 200;
const LONGEST_MS = 60_000;
/** Reading takes at most that part of one connection's time, whoever looks however often. */
const SHARE = 1 / 50;

/**
 * What is read of a queue, each thing once a look, for all who look meanwhile. The next look comes when this one is
 * paid for: the dearer it was, the older it grows, up to a minute.
 */
export class Looks {
  private look = new Look();

  /** What the current look has read by that name, or reads now. */
  get<T>(name: string, read: () => Promise<T>): Promise<T> {
    if (this.look.isOver) this.look = new Look();
    return this.look.get(name, read);
  }

  /** What the current look has read by that name, or is reading; it reads nothing. */
  known<T>(name: string): Promise<T> | undefined {
    return this.look.isOver ? undefined : this.look.known(name);
  }

  /** How old what is shown may be, in milliseconds. */
  get age(): number {
    return this.look.age;
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

  get age(): number {
    return performance.now() - this.begun;
  }

  get isOver(): boolean {
    return this.pending === 0 && this.age >= Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.spent / SHARE));
  }

  known<T>(name: string): Promise<T> | undefined {
    return this.readings.get(name) as Promise<T> | undefined;
  }

  get<T>(name: string, read: () => Promise<T>): Promise<T> {
    const known = this.known<T>(name);
    if (known) return known;
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
