import type { JobId } from '../../../../core/contract/job-data';
import type { SqlDialect } from '../../engine/dialect';
import type { ScriptStatement } from '../connection/script-executor';
import { anyOf } from './mysql-any-of';

/** The most rows that one statement moves, so that a backlog never means an endless one. */
const PIECE = 10_000;

/** Changes of jobs that have to be found first: kicks, clearings, and whatever lost claims hold. */
export class FoundJobs {
  constructor(private readonly dialect: Pick<SqlDialect, 'db' | 'table'>) {}

  /** A claim that is carried out and not committed yet is not seen: its jobs are ready again when their time is over. */
  async giveBackClaims(tokens: readonly string[]): Promise<void> {
    const { jobs } = this.dialect.table;
    const taken = anyOf('token', tokens);
    const condition = `state = 'reserved' and ${taken.sql}`;
    await this.changeFound(
      { sql: `select id from ${jobs} where ${condition}`, parameters: taken.parameters },
      (ids) => ({
        sql: `update ${jobs} force index (primary) set state = 'ready', due_at = null, token = null
where ${ids.sql} and ${condition}`,
        parameters: [...ids.parameters, ...taken.parameters],
      }),
    );
  }

  kick(pipeline: string, condition: string, limit: number, sets: string): Promise<number> {
    const { jobs } = this.dialect.table;
    return this.changeFound(
      {
        sql: `select id from ${jobs} where pipeline = ? and ${condition} order by due_at, id`,
        parameters: [pipeline],
      },
      ({ sql, parameters }) => ({
        sql: `update ${jobs} force index (primary) set ${sets} where ${sql} and ${condition}`,
        parameters,
      }),
      limit,
    );
  }

  async clear(pipeline: string, condition: string): Promise<number> {
    const { jobs } = this.dialect.table;
    // What is added meanwhile stays: beside a busy producer it would not end.
    const [newest] = await this.dialect.db.rows<{ id: number | string | null }>(
      `select max(id) as id from ${jobs}`,
    );
    return this.changeFound(
      {
        sql: `select id from ${jobs} where pipeline = ? and ${condition} and id <= ?`,
        parameters: [pipeline, newest?.id ?? 0],
      },
      ({ sql, parameters }) => ({
        sql: `delete j from ${jobs} j force index (primary) where ${sql} and ${condition}`,
        parameters,
      }),
    );
  }

  /**
   * Looks without locks, and then changes by the primary key what is still so, in pieces of one transaction each: a
   * change that looks by itself locks all rows on its way, and waits for those that others have locked. What somebody
   * else has changed in between does not count, and the next look finds another one in its place.
   */
  private async changeFound(
    look: Required<ScriptStatement>,
    change: (ids: Required<ScriptStatement>) => Required<ScriptStatement>,
    most = Infinity,
  ): Promise<number> {
    let changed = 0;
    for (;;) {
      const limit = Math.min(PIECE, most - changed);
      const piece = await this.dialect.db.patient.transaction(async (db) => {
        const found = idsOf(await db.rows(`${look.sql} limit ${limit}`, look.parameters));
        if (found.length === 0) return { found: 0, changed: 0 };
        const { sql, parameters } = change(anyOf('id', found));
        return { found: found.length, changed: await db.change(sql, parameters) };
      });
      changed += piece.changed;
      const nothingLeft = piece.found < limit && piece.changed === piece.found;
      if (nothingLeft || changed === most) return changed;
    }
  }
}

export function idsOf(rows: readonly object[] | undefined): JobId[] {
  return (rows as { id: number | string }[]).map(({ id }) => String(id));
}
