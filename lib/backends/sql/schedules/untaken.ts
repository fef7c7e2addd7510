import { shown } from '../../../core/checks/text';
import type { Logger } from '../../../core/contract/logger';
import { slotOf } from '../../../core/schedule/slot-headers';
import type { SqlDialect } from '../engine/dialect';
import { livingWorkers } from '../registry/living-workers';
import type { ScheduleRow } from './schedule-row';

/** A job that has waited longer, in milliseconds, while its schedule went on, is taken by no worker. */
const PATIENCE_MS = 60_000;
/** How often one pipeline is looked at, at most, in milliseconds. */
const PACE_MS = 60_000;

/**
 * Warns once of a schedule whose jobs no worker takes: no process that lives works on its pipeline, and a job of an
 * earlier slot is the next in line and has waited for a minute. Who reserves by hand is in no registry, and takes it.
 */
export class Untaken {
  private readonly warned = new Set<string>();
  /** When a pipeline was looked at, in milliseconds of `performance.now()`. */
  private readonly lookedAt = new Map<string, number>();
  /** Schedules that have fired since the last look, by their pipelines. */
  private readonly toLookAt = new Map<string, string>();

  constructor(
    private readonly dialect: SqlDialect,
    /** The pipelines that this process works on. */
    private readonly own: () => readonly string[],
    private readonly logger: Logger,
  ) {}

  fired(schedules: readonly ScheduleRow[]): void {
    const own = this.own();
    for (const { name, pipeline } of schedules)
      if (!own.includes(pipeline) && !this.warned.has(name) && this.isTime(pipeline))
        this.toLookAt.set(pipeline, name);
  }

  /** Never rejects: what could not be looked at is looked at when it fires again. */
  async look(): Promise<void> {
    const schedules = [...this.toLookAt];
    this.toLookAt.clear();
    try {
      for (const [pipeline, name] of schedules) await this.lookAt(pipeline, name);
    } catch {
      // The next time.
    }
  }

  private async lookAt(pipeline: string, name: string): Promise<void> {
    const waiting = await this.nextInLine(pipeline);
    const job = waiting && slotOf(waiting);
    if (job?.schedule !== name || waiting === undefined || waiting.waited < PATIENCE_MS) return;
    if (await this.isServed(pipeline)) return;
    this.warned.add(name);
    this.logger.warn(
      `The schedule ${shown(name)} adds jobs to ${pipeline}, and nobody takes them: that of ${job.slot.toISOString()} still waits. Start a worker with a handler for ${pipeline}, or remove the schedule.`,
    );
  }

  /** By a process that is slow, or busy with other jobs. */
  private async isServed(pipeline: string): Promise<boolean> {
    const living = await livingWorkers(this.dialect);
    return living.some(({ pipelines }) => pipelines.includes(pipeline));
  }

  private isTime(pipeline: string): boolean {
    const now = performance.now();
    if (now - (this.lookedAt.get(pipeline) ?? -Infinity) < PACE_MS) return false;
    this.lookedAt.set(pipeline, now);
    return true;
  }

  private async nextInLine(
    pipeline: string,
  ): Promise<{ readonly headers?: string; readonly waited: number } | undefined> {
    const { db, table, now } = this.dialect;
    const [job] = await db.rows<{ headers: string | null; waited: string | number }>(
      `select headers, ${now} - coalesce(added_at, 0) as waited from ${table.jobs} where pipeline = ? and state = 'ready'
  and not exists (select 1 from ${table.pauses} p where p.pipeline = ? and p.paused_until > ${now})
order by priority, id limit 1`,
      [pipeline, pipeline],
    );
    // Not since its slot: after a day without workers a job is new, and its slot is old.
    return job && { waited: Number(job.waited), ...(job.headers !== null && { headers: job.headers }) };
  }
}
