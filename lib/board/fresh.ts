const SHORTEST_MS = 200;
/** What is read takes at most that part of one connection's time, whoever looks however often. */
const SHARE = 1 / 20;

/** Something that is read for all who look at the same time, and again when it is old. */
export class Fresh<T> {
  private reading: Promise<T> | undefined;
  private until = 0;

  constructor(private readonly read: () => Promise<T>) {}

  get(): Promise<T> {
    if (this.reading && performance.now() < this.until) return this.reading;
    const begun = performance.now();
    this.until = Infinity;
    const reading = this.read();
    this.reading = reading;
    reading.then(
      () => this.keep(reading, performance.now() - begun),
      () => this.forget(reading),
    );
    return reading;
  }

  /** Of one reading, or of whichever there is. */
  forget(reading = this.reading): void {
    if (this.reading === reading) this.reading = undefined;
  }

  private keep(reading: Promise<T>, took: number): void {
    if (this.reading === reading) this.until = performance.now() + Math.max(SHORTEST_MS, took / SHARE);
  }
}
