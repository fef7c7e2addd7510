import { randomBytes } from 'node:crypto';
import { isPipelineName } from '../../../../core/contract/pipeline-name';
import { type Clock, steadyClock } from '../../../../core/time/clock';
import type { SqlExecutor, SqlSession } from '../../connection/executor';

/** The least time between two notifications of a process, in milliseconds: NOTIFY in every insert serialises the server's commits. */
const QUIET_MS = 10;
/** After that part of it, in milliseconds, a put carries what waits, which spares a statement and a commit. */
const QUIET_FOR_PUTS_MS = 5;
const MAX_CHANNEL_LENGTH = 63;
/** No process has this name. */
const CALLER = 'transaction';

/** In the place of a pipeline's name: none begins so. */
const CANCELLED = '-cancelled';

/** What a put is to tell with its own commit. */
export interface Notice {
  readonly channel: string;
  readonly messages: readonly string[];
}

/**
 * Tells other processes by NOTIFY in which pipelines jobs are ready. A message is the pipeline's name, a space and the
 * sender, who gets it, too.
 */
export class PostgresNotifier {
  readonly channel: string;
  private readonly sender = randomBytes(6).toString('base64url');
  private readonly pending = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  /** In milliseconds of the clock. */
  private toldAt = -Infinity;
  private sending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly db: SqlExecutor,
    table: string,
    private readonly clock: Clock = steadyClock,
  ) {
    // LISTEN cuts a longer name in silence, and NOTIFY refuses it.
    this.channel = table.slice(0, MAX_CHANNEL_LENGTH);
  }

  tell(pipelines: Iterable<string>): void {
    for (const pipeline of pipelines) this.pending.add(pipeline);
    if (this.pending.size > 0)
      this.timer ??= setTimeout(() => this.send(), Math.max(0, this.toldAt + QUIET_MS - this.clock.now()));
  }

  /** For a put that makes jobs of these pipelines ready; undefined while the last notification is too near. */
  withPut(pipelines: Iterable<string>): Notice | undefined {
    if (this.clock.now() - this.toldAt < QUIET_FOR_PUTS_MS) return undefined;
    for (const pipeline of pipelines) this.pending.add(pipeline);
    return { channel: this.channel, messages: this.take() };
  }

  /** For a transaction of the application's, of whose commit this process does not know, either: it is told, too. */
  messagesOfCaller(pipelines: readonly string[]): string[] {
    return pipelines.map((pipeline) => `${pipeline} ${CALLER}`);
  }

  /** The pipeline of a message; undefined when it is our own, or none that a queue has written. */
  pipelineOf(message: string): string | undefined {
    const [pipeline, sender] = message.split(' ', 2);
    return sender !== this.sender && isPipelineName(pipeline) ? pipeline : undefined;
  }

  /** With the commit of that transaction. */
  async tellCancelled(transaction: SqlSession): Promise<void> {
    await transaction.rows('select pg_catalog.pg_notify(?, ?)', [
      this.channel,
      `${CANCELLED} ${this.sender}`,
    ]);
  }

  /** Whether another process tells that a job was cancelled. */
  tellsCancelled(message: string): boolean {
    return message.startsWith(`${CANCELLED} `) && message !== `${CANCELLED} ${this.sender}`;
  }

  /** Sends what waits, and ends. */
  async close(): Promise<void> {
    if (this.pending.size > 0) this.send();
    await this.sending;
  }

  private take(): string[] {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.toldAt = this.clock.now();
    const messages = Array.from(this.pending, (pipeline) => `${pipeline} ${this.sender}`);
    this.pending.clear();
    return messages;
  }

  private send(): void {
    this.sending = this.db
      .rows('select pg_catalog.pg_notify($1, message) from pg_catalog.unnest($2::text[]) as message', [
        this.channel,
        this.take(),
      ])
      // Only a hint is lost: workers look by themselves now and then.
      .catch(() => undefined);
  }
}
