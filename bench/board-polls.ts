import { setTimeout as sleep } from 'node:timers/promises';
import { now } from './clock';

/** A browser that looks at a page of the board all the time. */
export class BoardPolls {
  /** How long each took, in milliseconds. */
  private readonly times: number[] = [];
  private readonly ended = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    /** From the beginning of one poll to that of the next. */
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<number[]> {
    this.ended.abort();
    await this.running;
    return this.times;
  }

  private async run(): Promise<void> {
    while (!this.ended.signal.aborted) {
      const start = now();
      const answer = await fetch(this.url);
      const { queues } = (await answer.json()) as { queues?: unknown[] };
      if (!queues?.length) throw new Error(`The board shows nothing at ${this.url}: ${answer.status}`);
      this.times.push(now() - start);
      const rest = this.everyMs - (now() - start);
      await sleep(Math.max(0, rest), undefined, { signal: this.ended.signal }).catch(() => undefined);
    }
  }
}
