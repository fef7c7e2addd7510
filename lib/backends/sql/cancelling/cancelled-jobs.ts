import type { JobId } from '../../../core/contract/job-data';
import type { SqlDialect, Hold } from '../engine/dialect';

/** How often to look for cancelled jobs while any is held. A job is looked for from its second look on. */
const LOOK_EVERY_MS = 450;
/** The most ids in one statement. */
const PIECE = 500;

/** Why jobs were cancelled, by their ids. */
export type Reasons = ReadonlyMap<JobId, string | undefined>;

/** Who holds jobs. */
export interface JobHolder {
  readonly holds: Iterable<Hold>;
  /** Some of these jobs may be its own. */
  cancelled(reasons: Reasons): void;
}

/**
 * How the leases of a process hear that jobs of theirs were cancelled: at once from this process, and from others where
 * word arrives by itself; else one small statement asks, by the primary key of the ended jobs. Only for jobs that are held
 * for longer than a look: quick ones end before, and their settlement asks when it finds them lost.
 */
export class CancelledJobs {
  private readonly holders = new Set<JobHolder>();
  /** What was held at the last look. */
  private seen = new WeakSet<Hold>();
  private timer: NodeJS.Timeout | undefined;
  /** Something may have been cancelled since the last look. */
  private doubtful = true;
  private closed = false;

  constructor(
    private readonly dialect: Pick<SqlDialect, 'db' | 'table' | 'journalWords'>,
    /** Whether word of what other processes do arrives by itself now. */
    private readonly arriving: () => boolean,
  ) {}

  add(holder: JobHolder): void {
    this.holders.add(holder);
  }

  remove(holder: JobHolder): void {
    this.holders.delete(holder);
  }

  /** To be called when jobs were taken. */
  watch(): void {
    if (!this.timer && !this.closed) this.timer = setTimeout(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  /** Another process has changed something. */
  doubt(): void {
    this.doubtful = true;
  }

  /** Another process has cancelled a job. */
  async heard(): Promise<void> {
    await this.ask(this.held.map(({ id }) => id));
  }

  /** This process has cancelled a job. */
  tell(id: JobId, reason: string | undefined): void {
    for (const holder of this.holders) holder.cancelled(new Map([[id, reason]]));
  }

  /** Which of these jobs were cancelled, and why. */
  async reasonsOf(ids: readonly JobId[]): Promise<Reasons> {
    const { db, table, journalWords: words } = this.dialect;
    const reasons = new Map<JobId, string | undefined>();
    for (let start = 0; start < ids.length; start += PIECE) {
      const piece = ids.slice(start, start + PIECE);
      const rows = await db.rows<{ id: string; error: string | null }>(
        `select cast(id as ${words.text}) as id, error from ${table.side('done')}${words.byId}
where id in (${piece.map(() => '?').join(', ')}) and outcome = 'cancelled'`,
        piece,
      );
      for (const { id, error } of rows) reasons.set(id, error ?? undefined);
    }
    return reasons;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private get held(): Hold[] {
    return Array.from(this.holders, ({ holds }) => [...holds]).flat();
  }

  private async look(): Promise<void> {
    const { held, seen } = this;
    this.seen = new WeakSet(held);
    if (this.doubtful || !this.arriving()) {
      const long = held.filter((hold) => seen.has(hold));
      // What was not asked for may have been cancelled by now, too.
      this.doubtful = long.length < held.length;
      await this.ask(long.map(({ id }) => id));
    }
    this.timer = undefined;
    if (held.length > 0) this.watch();
  }

  /** Never rejects: it is asked again, and the job's end is refused all the same. */
  private async ask(ids: readonly JobId[]): Promise<void> {
    if (ids.length === 0) return;
    try {
      const reasons = await this.reasonsOf(ids);
      if (reasons.size > 0) for (const holder of this.holders) holder.cancelled(reasons);
    } catch {
      this.doubtful = true;
    }
  }
}
