import { milliseconds } from '../../../core/checks/checks';
import type { Admin } from '../../../core/contract/backend';
import type { Editing } from '../../../core/contract/features';
import type { Burial, JobChange, JobId, RestingState, Seconds } from '../../../core/contract/job-data';
import { type Engine, isId } from './engine';
import { conditionsOf, FREED, isResting, KICK, RESTART } from './states';

/** Changes jobs that no worker holds. Statements about one job find it by the primary key. */
export class SqlAdmin implements Admin, Editing {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  kick(pipeline: string, limit: number): Promise<number> {
    return this.makeReady(pipeline, limit, KICK);
  }

  kickJob(id: JobId): Promise<boolean> {
    return this.makeJobReady(id, KICK);
  }

  restart(pipeline: string, limit: number): Promise<number> {
    return this.makeReady(pipeline, limit, RESTART);
  }

  restartJob(id: JobId): Promise<boolean> {
    return this.makeJobReady(id, RESTART);
  }

  async change(id: JobId, { payload, priority, delay }: JobChange): Promise<boolean> {
    const { dialect, readiness } = this.engine();
    const { table, db, now } = dialect;
    const pipeline = await this.pipelineOf(id);
    if (pipeline === undefined) return false;
    const sets = [FREED];
    const parameters: unknown[] = [];
    const set = (sql: string, ...values: readonly unknown[]): void => {
      sets.push(sql);
      parameters.push(...values);
    };
    if (payload !== undefined) set(`payload = ${dialect.payloadParameter(payload)}`, payload);
    if (priority !== undefined) set('priority = ?', priority);
    if (delay === undefined) {
      set(`due_at = case when state = 'reserved' then null else due_at end`);
      set(`state = case when state = 'reserved' then 'ready' else state end`);
    } else if (delay === 0) set(`due_at = null, state = 'ready'`);
    else set(`due_at = ${now} + ?, state = 'delayed'`, milliseconds(delay));
    const which = delay === undefined ? isResting(now) : isResting(now, `'ready', 'delayed'`);
    const changed = await db.change(`update ${table.jobs} set ${sets.join(', ')} where id = ? and ${which}`, [
      ...parameters,
      id,
    ]);
    if (changed === 0) return false;
    if (delay) readiness.expect(delay);
    else readiness.announce([pipeline]);
    return true;
  }

  async bury(id: JobId, { reason, priority }: Burial): Promise<boolean> {
    const { table, db, now } = this.engine().dialect;
    if (!isId(id)) return false;
    const buried = await db.change(
      `update ${table.jobs} set ${FREED}, priority = coalesce(?, priority), reason = ?, due_at = ${now}, state = 'buried'
where id = ? and ${isResting(now)}`,
      // PostgreSQL's text holds no NUL.
      [priority ?? null, reason?.replaceAll('\0', '') ?? null, id],
    );
    return buried > 0;
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

  private async makeReady(pipeline: string, limit: number, sets: string): Promise<number> {
    const { dialect, readiness } = this.engine();
    const kick = async (state: RestingState) => {
      let kicked = 0;
      for (const condition of conditionsOf(state, dialect.now))
        kicked += await dialect.kick(pipeline, condition, limit, sets);
      return kicked;
    };
    const kicked = (await kick('buried')) || (await kick('delayed'));
    if (kicked > 0) readiness.announce([pipeline]);
    return kicked;
  }

  private async makeJobReady(id: JobId, sets: string): Promise<boolean> {
    const { dialect, readiness } = this.engine();
    const { table, db, now } = dialect;
    const pipeline = await this.pipelineOf(id);
    if (pipeline === undefined) return false;
    const kicked = await db.change(
      `update ${table.jobs} set ${sets} where id = ? and (state = 'buried' or state = 'delayed' and due_at > ${now})`,
      [id],
    );
    if (kicked > 0) readiness.announce([pipeline]);
    return kicked > 0;
  }

  private async pipelineOf(id: JobId): Promise<string | undefined> {
    const { table, db } = this.engine().dialect;
    if (!isId(id)) return undefined;
    const [job] = await db.rows<{ pipeline: string }>(`select pipeline from ${table.jobs} where id = ?`, [
      id,
    ]);
    return job?.pipeline;
  }
}
