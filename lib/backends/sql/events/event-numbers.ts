import type { SqlSession } from '../connection/executor';
import type { SqlDialect } from '../engine/dialect';
import type { JobTable } from '../layouts/job-table';

/** The most events that one transaction numbers. */
const PIECE = 10_000;

type Numbered = Pick<SqlDialect, 'db' | 'table' | 'idText' | 'scheduleWords' | 'numbering'>;

/**
 * Numbers kept jobs. That cannot be done when they are written: transactions commit in another order than they begin, and
 * a reader that has seen a number would miss a smaller one that is committed later. So only what is committed gets a
 * number, by whoever holds the pipeline's row of `…_events`: a number is seen only with all smaller ones.
 *
 * A pipeline has such a row, and its jobs get numbers, once somebody has read its events.
 */
export class EventNumbers {
  constructor(private readonly dialect: () => Numbered) {}

  /** The pipeline's last number, when all that has ended until now has one. */
  async last(pipeline: string): Promise<number> {
    // In this order: what somebody else numbers between the two looks is counted.
    const unnumbered = await this.hasUnnumbered(pipeline);
    const known = await this.known(pipeline);
    if (known !== undefined && !unnumbered) return known;
    if (known === undefined) await this.begin(pipeline);
    return this.numberAll(pipeline);
  }

  /** Numbers the jobs of all pipelines whose events are read, before some of them are removed. */
  async numberRead(): Promise<void> {
    const { db } = this.dialect();
    const read = await db.rows<{ pipeline: string }>(`select pipeline from ${this.heads}`);
    for (const { pipeline } of read) if (await this.hasUnnumbered(pipeline)) await this.numberAll(pipeline);
  }

  private async numberAll(pipeline: string): Promise<number> {
    for (;;) {
      const { last, found } = await this.dialect().db.transaction((db) => this.numberSome(db, pipeline));
      if (found < PIECE) return last;
    }
  }

  private async numberSome(
    db: SqlSession,
    pipeline: string,
  ): Promise<{ readonly last: number; readonly found: number }> {
    const { scheduleWords, idText, numbering } = this.dialect();
    const [head] = await db.rows<{ seq: number | string }>(
      `select seq from ${this.heads} where pipeline = ?${scheduleWords.locked}`,
      [pipeline],
    );
    const before = Number(head?.seq ?? 0);
    // Without locks, so that nothing waits for ends that are not committed yet, and by all columns of the index, so that
    // no piece sorts all that is not numbered.
    const ended = await db.rows<{ found: string }>(
      `select ${idText} as found from ${this.done} where pipeline = ? and seq is null order by seq, ended_at, id limit ${PIECE}`,
      [pipeline],
    );
    const last = before + ended.length;
    if (ended.length === 0) return { last, found: 0 };
    await db.change(numbering(this.done, before), [`[${ended.map(({ found }) => found).join()}]`]);
    await db.change(`update ${this.heads} set seq = ? where pipeline = ?`, [last, pipeline]);
    return { last, found: ended.length };
  }

  private async known(pipeline: string): Promise<number | undefined> {
    const [head] = await this.dialect().db.rows<{ seq: number | string }>(
      `select seq from ${this.heads} where pipeline = ?`,
      [pipeline],
    );
    return head && Number(head.seq);
  }

  private async hasUnnumbered(pipeline: string): Promise<boolean> {
    const some = await this.dialect().db.rows(
      `select 1 as unnumbered from ${this.done} where pipeline = ? and seq is null limit 1`,
      [pipeline],
    );
    return some.length > 0;
  }

  private async begin(pipeline: string): Promise<void> {
    const { db, scheduleWords } = this.dialect();
    await db.change(
      `insert into ${this.heads} (pipeline, seq) values (?, 0)${scheduleWords.unlessThere('pipeline')}`,
      [pipeline],
    );
  }

  private get heads(): string {
    return this.dialect().table.side('events');
  }

  private get done(): string {
    return this.dialect().table.side('done');
  }
}

/** A condition for kept jobs that may be removed: a reader of their pipeline's events notices that they are gone. */
export function isNumbered(table: JobTable): string {
  return `(seq is not null or pipeline not in (select pipeline from ${table.side('events')}))`;
}
