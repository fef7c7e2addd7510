import type { EndEvent, EventRange, Events } from '../../../core/contract/ports/events';
import { withoutGap } from '../../../core/events/event-gap';
import type { MemoryStore } from '../memory-store';

export class MemoryEvents implements Events {
  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  async range(pipeline: string): Promise<EventRange> {
    const last = this.store().kept.numbers.lastOf(pipeline);
    const [first] = this.all(pipeline);
    return { before: first === undefined ? last : first.number - 1, last };
  }

  async read(pipeline: string, after: number, limit: number): Promise<EndEvent[]> {
    const last = this.store().kept.numbers.lastOf(pipeline);
    const events = this.all(pipeline).filter(({ number }) => number > after);
    return withoutGap(pipeline, after, last, events.slice(0, limit));
  }

  private all(pipeline: string): EndEvent[] {
    const { kept } = this.store();
    return kept
      .list(pipeline, { limit: Infinity })
      .map((job) => ({ number: kept.numberOf(job.id), job }))
      .sort((one, other) => one.number - other.number);
  }
}
