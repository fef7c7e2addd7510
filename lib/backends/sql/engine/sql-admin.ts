import type { Admin } from '../../../core/contract/backend';
import type { JobId, RestingState, Seconds } from '../../../core/contract/job-data';
import { catchUp, type Engine, isId } from './engine';
import { KICK } from './resting-jobs';

/** Changes jobs that nobody holds. What time has done is done in the table first, as before every look. */
export class SqlAdmin implements Admin {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async kick(pipeline: string, limit: number): Promise<number> {
    const engine = this.engine();
    const dialect = await catchUp(engine);
    const kicked =
      (await dialect.kick(pipeline, 'buried', limit)) || (await dialect.kick(pipeline, 'delayed', limit));
    if (kicked > 0) engine.readiness.announce([pipeline]);
    return kicked;
  }

  async kickJob(id: JobId): Promise<boolean> {
    const engine = this.engine();
    if (!isId(id)) return false;
    const { table, db } = await catchUp(engine);
    const [job] = await db.rows<{ pipeline: string; priority: number | string }>(
      `select pipeline, priority from ${table.jobs} where id = ?`,
      [id],
    );
    if (!job) return false;
    const kicked = await db.change(
      `update ${table.jobs} set ${KICK} where id = ? and state in ('buried', 'delayed')`,
      [id],
    );
    if (kicked > 0) engine.readiness.announce([job.pipeline]);
    return kicked > 0;
  }

  async discard(id: JobId): Promise<boolean> {
    const engine = this.engine();
    if (!isId(id)) return false;
    const { table, db } = await catchUp(engine);
    return (await db.change(`delete from ${table.jobs} where id = ? and state <> 'reserved'`, [id])) > 0;
  }

  async clear(pipeline: string, state: RestingState): Promise<number> {
    const dialect = await catchUp(this.engine());
    return dialect.clear(pipeline, state);
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    const { dialect, readiness } = this.engine();
    await dialect.pause(pipeline, duration);
    readiness.expect(duration);
  }

  async resume(pipeline: string): Promise<void> {
    const { dialect, readiness } = this.engine();
    await dialect.db.change(`delete from ${dialect.table.pauses} where pipeline = ?`, [pipeline]);
    readiness.announce([pipeline]);
  }
}
