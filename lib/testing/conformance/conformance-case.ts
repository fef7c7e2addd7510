import type { QueueBackend } from '../../core/contract/backend';
import type { OpenBackend } from './open-backend';
import { QueueUnderTest } from './queue-under-test';

type Steps = (queue: QueueUnderTest) => Promise<void>;

/** The cases of one part of the contract, by the rule that each of them proves. */
export interface Theme {
  readonly name: string;
  readonly cases: Readonly<Record<string, Steps>>;
  /** Cases in which seconds have to pass. */
  readonly slowCases?: Readonly<Record<string, Steps>>;
}

/** One rule of the contract. Cases are independent of each other and may run at the same time on one backend. */
export class ConformanceCase {
  constructor(
    readonly theme: string,
    readonly name: string,
    /** Seconds pass in it, so it is best run together with the other slow ones. */
    readonly slow: boolean,
    private readonly steps: Steps,
  ) {}

  /** Rejects when the backend breaks the rule. */
  async run(backend: QueueBackend, open: OpenBackend): Promise<void> {
    const queue = new QueueUnderTest(backend, open);
    try {
      await this.steps(queue);
    } catch (error) {
      // What went wrong first is what is told.
      await queue.close().catch(() => undefined);
      throw error;
    }
    await queue.close();
  }
}
