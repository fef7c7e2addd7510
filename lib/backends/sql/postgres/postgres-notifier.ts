import type { SqlExecutor } from '../connection/executor';
import { isBefore } from '../engine/claim-order';
import type { PipelineNews } from '../engine/news';
import type { Ride } from '../engine/ride';
import { writtenNews } from './postgres-news';

/** The least time between two notifications of a process, in milliseconds: NOTIFY in every insert serialises the server's commits. */
const QUIET_MS = 10;
/** After that part of it, in milliseconds, a put may carry what waits, which spares a statement and a commit. */
const QUIET_FOR_RIDES_MS = 5;

/** Sends a process's news by NOTIFY, with the pipeline's name and the first job's place in the order of claims as the payload. */
export class PostgresNotifier {
  private readonly pending = new Map<string, PipelineNews>();
  private timer: NodeJS.Timeout | undefined;
  /** In milliseconds of `performance.now()`. */
  private toldAt = -Infinity;
  private sending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly db: SqlExecutor,
    private readonly channel: string,
  ) {}

  announce(news: PipelineNews): void {
    const known = this.pending.get(news.pipeline);
    this.pending.set(news.pipeline, known ? together(known, news) : news);
    this.timer ??= setTimeout(() => this.send(), Math.max(0, this.toldAt + QUIET_MS - performance.now()));
  }

  /** For a put that may tell by itself, what it is to carry besides. */
  ride(): Ride | undefined {
    if (performance.now() - this.toldAt < QUIET_FOR_RIDES_MS) return undefined;
    return { channel: this.channel, news: this.take() };
  }

  /** Sends what waits, and ends. */
  async close(): Promise<void> {
    if (this.pending.size > 0) this.send();
    await this.sending;
  }

  private take(): PipelineNews[] {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.toldAt = performance.now();
    const news = [...this.pending.values()];
    this.pending.clear();
    return news;
  }

  private send(): void {
    this.sending = this.db
      .rows('select pg_catalog.pg_notify($1, payload) from pg_catalog.unnest($2::text[]) as payload', [
        this.channel,
        this.take().map(writtenNews),
      ])
      // Only a hint is lost: workers look by themselves now and then.
      .catch(() => undefined);
  }
}

function together(one: PipelineNews, other: PipelineNews): PipelineNews {
  const { pipeline, first } = one;
  if (!first || !other.first) return { pipeline };
  return isBefore(first, other.first) ? one : other;
}
