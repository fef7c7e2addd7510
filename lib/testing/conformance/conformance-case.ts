import assert from 'node:assert/strict';
import { feature, type Features } from '../../core/contract/features';
import type { OpenBackend, OpenedBackend } from './open-backend';
import { QueueUnderTest } from './queue-under-test';

type Steps = (queue: QueueUnderTest) => Promise<void>;

/** The cases of one part of the contract, by the rule that each of them proves. */
export interface Theme {
  readonly name: string;
  /** The port that the cases are about: they hold for backends that have it. */
  readonly port?: keyof Features;
  readonly cases: Readonly<Record<string, Steps>>;
  /** Cases in which seconds have to pass. */
  readonly slowCases?: Readonly<Record<string, Steps>>;
}

/** One rule of the contract. Cases are independent of each other and may run at the same time on one backend. */
export class ConformanceCase {
  constructor(
    private readonly theme: Theme,
    readonly name: string,
    /** Seconds pass in it, so it is best run together with the other slow ones. */
    readonly slow: boolean,
    private readonly steps: Steps,
  ) {}

  get port(): keyof Features | undefined {
    return this.theme.port;
  }

  /** The rule as a test's title. */
  get title(): string {
    const { name, port } = this.theme;
    return port === undefined ? `${name}: ${this.name}` : `where it has ${port}: ${this.name}`;
  }

  /** Rejects when the backend breaks the rule. */
  async run(opened: OpenedBackend, open: OpenBackend): Promise<void> {
    const { port } = this;
    if (port !== undefined && !opened.backend.features[port]) {
      assert.throws(() => feature(opened.backend, port), { code: 'UNSUPPORTED_BY_BACKEND' });
      return;
    }
    const queue = new QueueUnderTest(opened, open);
    try {
      await this.steps(queue);
    } catch (error) {
      // Report the first error.
      await queue.close().catch(() => undefined);
      throw error;
    }
    await queue.close();
  }
}
