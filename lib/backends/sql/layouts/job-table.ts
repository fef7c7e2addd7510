import { InvalidConfigurationError, shown } from '../../../core/contract/errors';
import type { JobSnapshot, JobState, Leased, StoredJob } from '../../../core/contract/job-data';
import { failuresOf } from '../history/failed-attempts';

export const DEFAULT_TABLE = 'job_queue_jobs';

/** The longest ttr that `addJob` takes, in milliseconds; a longer one would let a claim's sum overflow. */
export const MAX_TTR_MS = 4_294_967_295_000;
/** The last moment that a Date can hold. */
export const MAX_MOMENT = 8_640_000_000_000_000;

// PostgreSQL cuts identifiers at 63 bytes, MySQL at 64; the longest suffix of ours has 13.
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,49}$/;

/** The names of the queue's tables in one database, quoted for its SQL. */
export class JobTable {
  /** One row for each job. */
  readonly jobs: string;
  /** One row for each pipeline that is or was paused. */
  readonly pauses: string;
  /** One row: the version of the layout. */
  readonly schema: string;
  /** PostgreSQL's function for the hot path. */
  readonly exchange: string;
  /** PostgreSQL's function for new jobs. */
  readonly put: string;
  /** PostgreSQL's function for new jobs with unique keys. */
  readonly putUnique: string;
  /** PostgreSQL's function for new jobs with unique keys that nobody holds. */
  readonly putFresh: string;
  /** PostgreSQL's function for jobs that are kept when they end. */
  readonly keep: string;
  /** Unique keys: those that hold jobs off for a time, and on MySQL all. */
  readonly keys: string;

  constructor(
    readonly name: string,
    readonly schemaName: string | undefined,
    private readonly quoted: (identifier: string) => string,
  ) {
    checkIdentifier('table', name);
    if (schemaName !== undefined) checkIdentifier('schema', schemaName);
    this.jobs = this.qualified(name);
    this.pauses = this.qualified(`${name}_pauses`);
    this.schema = this.qualified(`${name}_schema`);
    this.exchange = this.qualified(`${name}_exchange`);
    this.put = this.qualified(`${name}_put`);
    this.putUnique = this.qualified(`${name}_put_unique`);
    this.putFresh = this.qualified(`${name}_put_fresh`);
    this.keep = this.qualified(`${name}_keep`);
    this.keys = this.side('keys');
  }

  /** Unquoted, as it may stand in a message. */
  get title(): string {
    return this.schemaName === undefined ? this.name : `${this.schemaName}.${this.name}`;
  }

  /** A table beside the jobs table, by what it holds. */
  side(name: string): string {
    return this.qualified(`${this.name}_${name}`);
  }

  /** The name of an index of ours; also of a constraint that the database has named by itself. */
  index(suffix: string): string {
    return this.quoted(`${this.name}_${suffix}`);
  }

  private qualified(name: string): string {
    return this.schemaName === undefined
      ? this.quoted(name)
      : `${this.quoted(this.schemaName)}.${this.quoted(name)}`;
  }
}

/**
 * Writes down layout 1, unless a layout is written down. Runs after the two small tables and before the jobs table: so
 * where the jobs table exists, all exist, even on databases that cannot roll back the making of a table.
 */
export function noteFirstLayout({ schema }: JobTable): string {
  return `insert into ${schema} (version) select 1 from (select 1) one where not exists (select 1 from ${schema})`;
}

function checkIdentifier(option: string, value: unknown): void {
  if (typeof value === 'string' && IDENTIFIER.test(value)) return;
  throw new InvalidConfigurationError(
    `The ${option} name ${shown(value)} is not an identifier: use 1 to 50 of A-Z a-z 0-9 _, not beginning with a digit.`,
  );
}

/** The columns that make a job; expressions where a driver could not read an id as it is, or a payload is compressed. */
export function jobColumns({ id = 'id', payload = 'payload' } = {}): string {
  const rest = ['priority', 'ttr_ms', 'attempts', 'timeouts', 'kicks', 'added_at', 'retry', 'headers'];
  return [`${id} as id`, 'pipeline', `${payload} as payload`, ...rest].join(', ');
}

/** 64-bit numbers come as text from PostgreSQL and MySQL, as numbers from SQLite, but for ids. */
type BigIntColumn = string | number;

export interface JobRow {
  readonly id: BigIntColumn;
  readonly pipeline: string;
  /** Bytes where the database has compressed it. */
  readonly payload: string | Uint8Array;
  readonly priority: BigIntColumn;
  readonly ttr_ms: BigIntColumn;
  readonly attempts: number;
  readonly timeouts: number;
  readonly kicks: number;
  readonly added_at: BigIntColumn | null;
  readonly retry: string | null;
  readonly headers: string | null;
}

export interface SnapshotRow extends JobRow {
  readonly state: JobState;
  /** In milliseconds since 1970; of a buried job, when that was. */
  readonly due_at: BigIntColumn | null;
  /** Milliseconds from now. */
  readonly due_in: BigIntColumn | null;
  readonly has_key: string | null;
  /** Bytes where another program has stored some. */
  readonly reason: string | Uint8Array | null;
  readonly history: string | null;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes that are not UTF-8 become the empty text. The row keeps the bytes. */
function textOf(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return '';
  }
}

const LOSSY = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes that are not UTF-8 are marked, and the row keeps them. */
export function storedPayload(column: string | Uint8Array): Pick<StoredJob, 'payload' | 'garbled'> {
  if (typeof column === 'string') return { payload: column };
  try {
    return { payload: UTF8.decode(column) };
  } catch {
    return { payload: LOSSY.decode(column), garbled: true };
  }
}

/** Leaves absent properties out. Written without spreads, because this runs for every job. */
function completed<T extends object>(
  job: T,
  { added_at, retry, headers }: JobRow,
): T & Pick<StoredJob, 'addedAt' | 'retry' | 'headers'> {
  const complete: T & { addedAt?: Date; retry?: string; headers?: string } = job;
  if (added_at !== null && !Number.isNaN(Number(added_at))) complete.addedAt = new Date(Number(added_at));
  if (retry !== null) complete.retry = retry;
  if (headers !== null) complete.headers = headers;
  return complete;
}

/** A column of SQLite's may hold anything: what is no number counts as none. */
function counted(column: unknown): number {
  const number = Number(column);
  return number > 0 ? number : 0;
}

export function reservedJob(row: JobRow): Leased {
  const job = plainJob(row);
  if (typeof row.payload !== 'string') Object.assign(job, storedPayload(row.payload));
  return job;
}

function plainJob(row: JobRow): Leased {
  return completed(
    {
      id: String(row.id),
      pipeline: row.pipeline,
      // Bytes are read after it: few databases give them.
      payload: row.payload as string,
      priority: Number(row.priority),
      ttr: Number(row.ttr_ms) / 1000,
      timeouts: counted(row.timeouts),
      kicks: counted(row.kicks),
      attempt: counted(row.attempts) + 1,
    },
    row,
  );
}

/** In a packed job. */
export const HEADERS_FOLLOW = '\u001f';

/**
 * A claimed job whose numbers come as one text, `id priority ttr attempts timeouts kicks addedAt[ retry][ headers]`
 * (addedAt is `-` where it is null), because each column of each row costs time in the database, on the wire and in the
 * driver. U+001F stands before the headers, a character that no JSON text contains.
 */
export function packedJob(numbers: string, pipeline: string, payload: string): Leased {
  // The last parts, a job's own retry policy and its headers, are JSON and may contain spaces.
  const [id = '', priority, ttr, attempts, timeouts, kicks, addedAt, ...rest] = numbers.split(' ');
  const texts = rest.length === 0 ? '' : rest.join(' ');
  const split = texts.lastIndexOf(HEADERS_FOLLOW);
  const retry = split === -1 ? texts : texts.slice(0, Math.max(0, split - 1));
  return reservedJob({
    id,
    pipeline,
    payload,
    priority: Number(priority),
    ttr_ms: Number(ttr),
    attempts: Number(attempts),
    timeouts: Number(timeouts),
    kicks: Number(kicks),
    added_at: addedAt === '-' ? null : Number(addedAt),
    retry: retry === '' ? null : retry,
    headers: split === -1 ? null : texts.slice(split + 1),
  });
}

/** A row that is due counts as ready, whether the stager has moved it or not. */
export function jobSnapshot(row: SnapshotRow): JobSnapshot {
  const { attempt, ...stored } = reservedJob(row);
  const timed = row.state === 'delayed' || row.state === 'reserved';
  const isDue = timed && Number(row.due_in) <= 0;
  const failures = failuresOf(row.history);
  return {
    ...stored,
    timeouts: stored.timeouts + (isDue && row.state === 'reserved' ? 1 : 0),
    state: isDue ? 'ready' : row.state,
    attempts: attempt - 1,
    delay: timed && !isDue ? Number(row.due_in) / 1000 : 0,
    ...(row.has_key !== null && { unique: row.has_key }),
    ...(row.reason !== null && {
      reason: typeof row.reason === 'string' ? row.reason : textOf(row.reason),
    }),
    ...(row.state === 'buried' && isMoment(row.due_at) && { buriedAt: new Date(Number(row.due_at)) }),
    ...(failures.length > 0 && { failures }),
  };
}

function isMoment(column: unknown): boolean {
  return column !== null && Math.abs(Number(column)) <= MAX_MOMENT;
}
