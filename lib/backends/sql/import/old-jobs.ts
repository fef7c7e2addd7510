import { shown } from '../../../core/checks/text';
import { BackendRefusedError, SchemaMismatchError } from '../../../core/contract/errors';
import type { ImportOptions } from '../../../core/contract/ports/import';
import { driverErrorOf } from '../connection/driver-error';
import type { SqlSession } from '../connection/executor';
import type { ImportWords } from './import-words';

const PAGE_SIZE = 200;
/** A PHP worker that holds a job for longer is taken for dead by the others. */
const FRESH_MS = 300_000;

type NumberColumn = string | number;

/** A row as `simple-job-queue` keeps it. Moments are milliseconds since 1970. */
export interface OldJob {
  readonly id: NumberColumn;
  readonly pipeline: string;
  readonly payload: string | Uint8Array;
  readonly added: NumberColumn;
  readonly send: NumberColumn;
  readonly retry: NumberColumn | null;
  readonly priority: NumberColumn;
  readonly attempts: NumberColumn;
  readonly reserved: NumberColumn;
  readonly buried: NumberColumn;
  readonly buried_at: NumberColumn | null;
}

/** The old table, which is only read. */
export class OldJobs {
  private readonly table: string;

  constructor(
    private readonly db: SqlSession,
    private readonly words: ImportWords,
    private readonly options: ImportOptions,
  ) {
    const { table, schema } = options;
    this.table = [...(schema === undefined ? [] : [schema]), table].map(words.quoted).join('.');
  }

  /** All of them in the order of their ids, some at a time. */
  async *pages(): AsyncGenerator<OldJob[]> {
    const { moment, payload } = this.words;
    let last: NumberColumn = 0;
    for (;;) {
      const page: OldJob[] = await this.rows<OldJob>(
        `select id, pipeline, ${payload('payload')} as payload, ${moment('added_dt')} as added, ${moment('send_dt')} as send,
${moment('time_to_retry_dt')} as retry, priority, attempts, is_reserved as reserved, is_buried as buried, ${moment('buried_dt')} as buried_at
from ${this.table} where id > ${Number(last)} order by id limit ${PAGE_SIZE}`,
      );
      if (page.length > 0) yield page;
      if (page.length < PAGE_SIZE) return;
      last = page.at(-1)!.id;
    }
  }

  /** How many jobs a PHP worker has reserved lately, so that it may be at work. */
  async heldLately(now: number): Promise<number> {
    const [row] = await this.rows<{ held: NumberColumn }>(
      `select count(*) as held from ${this.table} where is_reserved = 1 and is_buried = 0 and ${this.words.moment('reserved_dt')} > ${now - FRESH_MS}`,
    );
    return Number(row?.held ?? 0);
  }

  private async rows<Row extends object>(sql: string): Promise<Row[]> {
    try {
      return await this.db.rows<Row>(sql);
    } catch (error) {
      if (!(error instanceof BackendRefusedError)) throw error;
      const { message } = driverErrorOf(error.cause);
      throw new SchemaMismatchError(
        shown(this.options.table),
        `cannot be read as one of simple-job-queue (${message}). Name its table with --from-table, and its database with --from.`,
      );
    }
  }
}
