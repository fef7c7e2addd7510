import type { JobId } from '../../../core/contract/job-data';
import type { Change, NewRow, SqlExchange, SqlExchangeAnswer } from '../engine/dialect';
import type { ClaimOrder } from './claim-order';
import { LowWaterMark } from './low-water-mark';

/** Then it starts again from nothing: names of pipelines may hold ids. */
const MOST_PIPELINES = 1000;

/** A process's low-water marks, one for each pipeline from which it claims. */
export class LowWaterMarks {
  private readonly marks = new Map<string, LowWaterMark>();

  /** `from`: the least duration of a claim without the mark, in milliseconds, that sets one. */
  constructor(private readonly from: number) {}

  /** Runs an exchange whose claim begins behind the pipeline's mark, and moves the mark. */
  async exchange(
    { claim, changes }: SqlExchange,
    run: (after: ClaimOrder | undefined) => Promise<SqlExchangeAnswer>,
  ): Promise<SqlExchangeAnswer> {
    const mark = claim && !claim.thorough ? this.of(claim.pipeline) : undefined;
    const look = mark?.begin();
    try {
      const answer = await run(look?.after);
      if (!mark || !look) return answer;
      mark.reached(look, answer.claimed);
      return look.missed ? { ...answer, more: true } : answer;
    } finally {
      if (look) mark?.end(look);
      this.released(changes);
    }
  }

  /** Whether the pipeline's next claim may take long: nothing should wait for it. */
  isOver(pipeline: string): boolean {
    return this.marks.get(pipeline)?.isOver ?? false;
  }

  /** Jobs have become ready somewhere in these pipelines. */
  lower(pipelines: Iterable<string>): void {
    for (const pipeline of pipelines) this.marks.get(pipeline)?.lower();
  }

  /** Another process has made jobs ready, in that pipeline or in any. */
  doubt(pipeline?: string): void {
    if (pipeline === undefined) for (const mark of this.marks.values()) mark.doubt();
    else this.marks.get(pipeline)?.doubt();
  }

  lowerAll(): void {
    for (const mark of this.marks.values()) mark.lower();
  }

  /** Jobs were added. Ids grow in a put: the first one is the least. */
  added(rows: readonly NewRow[], ids: readonly JobId[]): void {
    if (this.marks.size === 0) return;
    const lowest = new Map<string, { priority: number; readonly id: JobId }>();
    for (const [index, { pipeline, priority, delay }] of rows.entries()) {
      if (delay > 0) continue;
      const known = lowest.get(pipeline);
      if (!known) lowest.set(pipeline, { priority, id: ids[index] as JobId });
      else if (priority < known.priority) known.priority = priority;
    }
    for (const [pipeline, place] of lowest) this.marks.get(pipeline)?.lower(place);
  }

  private released(changes: readonly Change[]): void {
    for (const { state, pipeline, priority, id } of changes)
      if (state === 'ready') this.marks.get(pipeline)?.lower({ priority, id });
  }

  private of(pipeline: string): LowWaterMark {
    const known = this.marks.get(pipeline);
    if (known) return known;
    if (this.marks.size === MOST_PIPELINES) this.marks.clear();
    const mark = new LowWaterMark(this.from);
    this.marks.set(pipeline, mark);
    return mark;
  }
}
