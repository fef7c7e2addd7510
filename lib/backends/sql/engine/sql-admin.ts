import type { Admin } from '../../../core/contract/backend';
import type { JobId, RestingState, Seconds } from '../../../core/contract/job-data';
import { type Engine, isId } from './engine';
import { conditionsOf, KICK } from './states';

/** Changes jobs that nobody holds. */
export class SqlAdmin implements Admin {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async kick(pipeline: string, limit: number): Promise<number> {
    const { dialect, readiness } = this.engine();
    const kick = async (state: RestingState) => {
      let kicked = 0;
      for (const condition of conditionsOf(state, dialect.now))
        kicked += await dialect.kick(pipeline, condition, limit);
      return kicked;
    };
    const kicked = (await kick('buried')) || (await kick('delayed'));
    if (kicked > 0) readiness.announce([pipeline]);
    return kicked;
  }

  async kickJob(id: JobId): Promise<boolean> {
    const engine = this.engine();
    if (!isId(id)) return false;
    const { table, db, now } = engine.dialect;
    const [job] = await db.rows<{ pipeline: string; priority: number | string }>(
      `select pipeline, priority from ${table.jobs} where id = ?`,
      [id],
    );
    if (!job) return false;
    const kicked = await db.change(
      `update ${table.jobs} set ${KICK} where id = ? and (state = 'buried' or state = 'delayed' and due_at > ${now})`,
      [id],
    );
    if (kicked > 0) engine.readiness.announce([job.pipeline]);
    return kicked > 0;
  }

  async discard(id: JobId): Promise<boolean> {
    const engine = this.engine();
    if (!isId(id)) return false;
    const { table, db, now } = engine.dialect;
    const discarded = await db.change(
      `delete from ${table.jobs} where id = ? and (state <> 'reserved' or due_at <= ${now})`,
      [id],
    );
    return discarded > 0;
  }

  async clear(pipeline: string, state: RestingState): Promise<number> {
    const { dialect } = this.engine();
    let cleared = 0;
    for (const condition of conditionsOf(state, dialect.now))
      cleared += await dialect.clear(pipeline, condition);
    return cleared;
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
