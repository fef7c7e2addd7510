/** Numbers the ends of kept jobs, by pipeline. Here they are in order from the start. */
export class EndNumbers {
  private readonly last = new Map<string, number>();

  next(pipeline: string): number {
    const number = this.lastOf(pipeline) + 1;
    this.last.set(pipeline, number);
    return number;
  }

  lastOf(pipeline: string): number {
    return this.last.get(pipeline) ?? 0;
  }
}
