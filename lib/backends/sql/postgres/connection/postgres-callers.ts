import { read } from '../../../../core/checks/text';
import { driverErrorOf } from '../../connection/driver-error';
import type { SqlSession } from '../../connection/executor';
import { type CallerRules, elsewhere, NOT_UNDER_WAY } from '../../handles/caller-rules';
import { type Handle, methodOf } from '../../handles/handle';
import { numbered } from '../../handles/placeholders';
import type { PostgresNotifier } from '../wake-up/postgres-notifier';

interface Place {
  readonly database: string;
  /** When the server was started, which no two servers share. */
  readonly started: string;
}

const PLACE =
  'pg_catalog.current_database()::text as database, extract(epoch from pg_catalog.pg_postmaster_start_time())::text as started';

/** 22012 division by zero, 25P02 the transaction had failed before. */
const FAILED = new Set<unknown>(['22012', '25P02']);

export class PostgresCallers implements CallerRules {
  readonly drivers = [postgresJs];
  private ours: Place | undefined;

  constructor(
    private readonly db: SqlSession,
    private readonly notifier: PostgresNotifier,
  ) {}

  /** Texts alone, whose types the statement says: libraries guess those of numbers and lists, and not always well. */
  binding(this: void, sql: string, values: readonly unknown[]): readonly [string, readonly unknown[]] {
    return [numbered(sql, values), values.map(textOf)];
  }

  async problemOf(session: SqlSession): Promise<string | undefined> {
    const [first] = await session.rows<Place & { number: string }>(
      `select pg_catalog.txid_current()::text as number, ${PLACE}`,
    );
    // A statement outside of any transaction, or on another connection of a pool, is a transaction of its own.
    const [second] = await session.rows<{ number: string | null }>(
      'select pg_catalog.txid_current_if_assigned()::text as number',
    );
    if (!first || first.number !== second?.number) return NOT_UNDER_WAY;
    if (isSame(first, this.ours)) return undefined;
    // The server may have been started again.
    const [ours] = await this.db.rows<Place>(`select ${PLACE}`);
    this.ours = ours;
    if (!ours || isSame(first, ours)) return undefined;
    return elsewhere(placeNamed(first, ours), `the database ${ours.database}`);
  }

  /** There is nothing to be done: see `undo`. */
  async mark(): Promise<boolean> {
    return true;
  }

  /** A transaction in which a statement has failed cannot commit, and takes no other one. */
  async undo(session: SqlSession): Promise<void> {
    try {
      await session.rows('select 1 / 0 as failure');
    } catch (error) {
      if (!FAILED.has(driverErrorOf(error).code)) throw error;
    }
  }

  async announce(session: SqlSession, pipelines: readonly string[]): Promise<void> {
    await session.rows(
      `select pg_catalog.pg_notify($1, message)::text as told from pg_catalog.unnest($2::text[]) as message`,
      [this.notifier.channel, this.notifier.messagesOfCaller(pipelines)],
    );
  }
}

function isSame(one: Place, other: Place | undefined): boolean {
  return one.database === other?.database && one.started === other.started;
}

function placeNamed(theirs: Place, ours: Place): string {
  return theirs.database === ours.database
    ? `a database of that name on another server`
    : `the database ${theirs.database}`;
}

/** The `sql` of postgres.js: of `sql.begin()`, or a reserved connection. */
function postgresJs(given: unknown): Handle | undefined {
  const unsafe = methodOf(given, 'unsafe');
  if (typeof given !== 'function' || !unsafe) return undefined;
  return {
    library: 'postgres.js',
    underWay: [read(given, 'savepoint'), read(given, 'release')].some((it) => typeof it === 'function'),
    ask: async (sql, values) => unsafe(sql, values),
  };
}

/** A value as the server reads it, whatever its type: a list as the text of an array. */
function textOf(value: unknown): string | null {
  if (value === null) return null;
  if (Array.isArray(value)) return `{${value.map(elementOf).join()}}`;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new TypeError(`a value of type ${typeof value} has no place in a statement`);
}

function elementOf(value: unknown): string {
  const text = textOf(value);
  return text === null ? 'null' : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
