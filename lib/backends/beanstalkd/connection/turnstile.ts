/**
 * Limits how much is under way at once; the rest waits in the order in which it came. Without it, a loop of a hundred
 * thousand puts would be written and answered in one go, with no timer, renewal or other reply in between.
 */
export class Turnstile {
  private inside = 0;
  private readonly line: { readonly count: number; readonly enter: () => void }[] = [];
  /** Where the line begins: to shift a long array is slow. */
  private first = 0;

  constructor(private readonly most: number) {}

  /** Resolves when there is room; `undefined` when there is now. Every `enter` needs its `leave`. */
  enter(count: number): Promise<void> | undefined {
    if (this.first === this.line.length && this.fits(count)) {
      this.inside += count;
      return undefined;
    }
    return new Promise((enter) => this.line.push({ count, enter }));
  }

  leave(count: number): void {
    this.inside -= count;
    for (let next = this.line[this.first]; next && this.fits(next.count); next = this.line[this.first]) {
      this.inside += next.count;
      this.first++;
      next.enter();
    }
    if (this.first < this.line.length && this.first < this.most) return;
    this.line.splice(0, this.first);
    this.first = 0;
  }

  /** What is larger than all the room goes in alone. */
  private fits(count: number): boolean {
    return this.inside === 0 || this.inside + count <= this.most;
  }
}
