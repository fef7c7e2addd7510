import { createInterface } from 'node:readline/promises';
import type { QueueBackend } from '../core/contract/backend';
import { type Logger, silentLogger } from '../core/contract/logger';
import type { Backends } from './backends';
import { CommandFailure, WRONG_USAGE } from './failure';
import type { Screen } from './print/screen';

/** The options that every verb takes. */
export interface GlobalOptions {
  readonly url?: string;
  readonly table?: string;
  readonly schema?: string;
  readonly json?: true;
  readonly yes?: true;
}

/** What a verb works with: the queue that was named, and the one who asks. */
export class Session {
  constructor(
    readonly backends: Backends,
    readonly screen: Screen,
    private readonly options: () => GlobalOptions,
    readonly environment: NodeJS.ProcessEnv,
    readonly input: NodeJS.ReadStream,
  ) {}

  /** Opens the queue for as long as the work takes. */
  async withQueue<T>(work: (queue: QueueBackend) => Promise<T>): Promise<T> {
    const queue = await this.backends.open(this.url, this.tables);
    try {
      await queue.connect(this.logger);
      return await work(queue);
    } finally {
      await queue.close();
    }
  }

  /** Of the queue: what it warns of is no result. */
  private get logger(): Logger {
    return { ...silentLogger, warn: (line) => this.screen.note(line) };
  }

  get url(): string {
    const url = this.options().url ?? (this.environment['JOB_QUEUE_URL'] || undefined);
    if (url !== undefined) return url;
    throw new CommandFailure(
      'No queue is named: set JOB_QUEUE_URL, or give --url, as postgres://db.example.com/app or sqlite:jobs.sqlite.',
      WRONG_USAGE,
    );
  }

  get tables(): { table?: string; schema?: string } {
    const { table, schema } = this.options();
    return { ...(table !== undefined && { table }), ...(schema !== undefined && { schema }) };
  }

  /**
   * Asks before something that cannot be undone.
   *
   * @throws {CommandFailure} when the answer is not yes, or nobody is there to give one
   */
  async confirm(what: string): Promise<void> {
    if (this.options().yes) return;
    if (!this.input.isTTY)
      throw new CommandFailure(
        `${what} cannot be undone, and nobody can be asked here: say it with --yes.`,
        WRONG_USAGE,
      );
    const line = createInterface({ input: this.input, output: process.stderr });
    try {
      const answer = await line.question(`${what}? It cannot be undone. [y/N] `);
      if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailure('Nothing was done.');
    } finally {
      line.close();
    }
  }
}
