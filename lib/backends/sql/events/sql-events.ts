import type { EndEvent, EventRange, Events } from '../../../core/contract/ports/events';
import { withoutGap } from '../../../core/events/event-gap';
import type { Engine } from '../engine/engine';
import { endedJob, type KeptRow } from '../history/kept-row';
import { EventNumbers } from './event-numbers';

/** Reads kept jobs by their numbers. The index `done_seq` serves all of it. */
export class SqlEvents implements Events {
  private readonly numbers = new EventNumbers(() => this.engine().dialect);

  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async range(pipeline: string): Promise<EventRange> {
    const last = await this.numbers.last(pipeline);
    const { db, table } = this.engine().dialect;
    const [row] = await db.rows<{ first: number | string | null }>(
      `select min(seq) as first from ${table.side('done')} where pipeline = ?`,
      [pipeline],
    );
    const first = row?.first ?? null;
    return { before: first === null ? last : Number(first) - 1, last };
  }

  async read(pipeline: string, after: number, limit: number): Promise<EndEvent[]> {
    // First: a row that is written and numbered after this look is for the next one.
    const last = await this.numbers.last(pipeline);
    if (after >= last) return withoutGap(pipeline, after, last, []);
    const { dialect } = this.engine();
    const { db, table, keptColumns } = dialect;
    const rows = await db.rows<KeptRow & { seq: number | string }>(
      `select ${keptColumns}, seq from ${table.side('done')} where pipeline = ? and seq > ? and seq <= ? order by seq limit ?`,
      [pipeline, after, last, limit],
    );
    const ended = rows.map(endedJob);
    const jobs = (await dialect.markGarbled?.(ended, table.side('done'))) ?? ended;
    const events = rows.map(({ seq }, index) => ({ number: Number(seq), job: jobs[index]! }));
    return withoutGap(pipeline, after, last, events);
  }
}
