import { shown } from '../../../core/checks/text';
import type { Logger } from '../../../core/contract/logger';
import { slotOf } from '../../../core/schedule/slot-headers';
import type { SqlDialect } from '../engine/dialect';
import type { ScheduleRow } from './schedule-row';

/** A job that has waited longer, in milliseconds, while its schedule went on, is taken by no worker. */
const PATIENCE_MS = 60_000;
/** How often one pipeline is looked at, at most, in milliseconds. */
const PACE_MS = 60_000;

/**
 * Warns once of a schedule whose jobs no worker takes. The process that fires cannot know which processes live, so it looks: in a
 * pipeline that this process does not work on, a job of an earlier slot is the next in line, and has been for a minute.
 */
export class Untaken {
  private readonly warned = new Set<string>();
  /** When a pipeline was looked at, in milliseconds of `performance.now()`. */
  private readonly lookedAt = new Map<string, number>();

  constructor(
    private readonly dialect: SqlDialect,
    /** The pipelines that this process works on. */
    private readonly own: () => readonly string[],
    private readonly logger: Logger,
  ) {}

  async look(fired: readonly ScheduleRow[]): Promise<void> {
    const own = this.own();
    for (const { name, pipeline } of fired) {
      if (own.includes(pipeline) || this.warned.has(name) || !this.isTime(pipeline)) continue;
      const waiting = await this.nextInLine(pipeline);
      const job = waiting && slotOf(waiting);
      if (job?.schedule !== name || Number(waiting?.moment) - job.slot.getTime() < PATIENCE_MS) continue;
      this.warned.add(name);
      this.logger.warn(
        `The schedule ${shown(name)} adds jobs to ${pipeline}, and nobody takes them: that of ${job.slot.toISOString()} still waits. Start a worker with a handler for ${pipeline}, or remove the schedule.`,
      );
    }
  }

  private isTime(pipeline: string): boolean {
    const now = performance.now();
    if (now - (this.lookedAt.get(pipeline) ?? -Infinity) < PACE_MS) return false;
    this.lookedAt.set(pipeline, now);
    return true;
  }

  private async nextInLine(
    pipeline: string,
  ): Promise<{ headers?: string; moment: string | number } | undefined> {
    const { db, table, now } = this.dialect;
    const [job] = await db.rows<{ headers: string | null; moment: string | number }>(
      `select headers, ${now} as moment from ${table.jobs} where pipeline = ? and state = 'ready'
  and not exists (select 1 from ${table.pauses} p where p.pipeline = ? and p.paused_until > ${now})
order by priority, id limit 1`,
      [pipeline, pipeline],
    );
    return job && { moment: job.moment, ...(job.headers !== null && { headers: job.headers }) };
  }
}
