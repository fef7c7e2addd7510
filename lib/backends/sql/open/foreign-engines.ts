import { UnsupportedServerError } from '../../../core/contract/errors';

/** A database that speaks the protocol of PostgreSQL or MySQL and is neither. */
interface ForeignEngine {
  readonly name: string;
  /** How it introduces itself: `version()`, and MySQL's `@@version_comment`. */
  readonly says: RegExp;
  /** Why the queue cannot run there. */
  readonly because: string;
}

/*
 * They pass a check of the version, because they report the number of the server that they imitate.
 */
const ENGINES: readonly ForeignEngine[] = [
  {
    name: 'TiDB',
    says: /\btidb\b/i,
    because: 'it takes SKIP LOCKED and ignores it, so that two workers would get the same job',
  },
  {
    name: 'Dolt',
    says: /\bdolt\b/i,
    because: 'it takes SKIP LOCKED and ignores it, so that two workers would get the same job',
  },
  {
    // Later ones pass SKIP LOCKED on to MySQL; only their comment has Vitess's own number.
    name: 'Vitess before 19',
    says: /^(?!.*\bversion: (?:19|[2-9]\d|\d{3,})\.).*\b(?:vitess|planetscale)\b/is,
    because: 'it does not know SKIP LOCKED',
  },
  {
    name: 'CockroachDB',
    says: /\bcockroachdb\b/i,
    because: 'it has no ctid, no LISTEN and no advisory locks',
  },
  {
    name: 'YugabyteDB',
    says: /-YB-/,
    because: 'it has no ctid, and its LISTEN and advisory locks are not those of PostgreSQL',
  },
  {
    // PostgreSQL itself also names its platform and its compiler; these give a number alone.
    name: 'Aurora DSQL, Spanner or their like',
    says: /^postgresql [\d.]+$|\bdsql\b|\bspanner\b/i,
    because: 'they have no PL/pgSQL, no LISTEN, and skip no row that is locked',
  },
];

/** @throws {UnsupportedServerError} for a server that is known not to be what it imitates */
export function refuseForeignEngine(introduction: string, needed: string): void {
  const engine = ENGINES.find(({ says }) => says.test(introduction));
  if (engine) throw new UnsupportedServerError(engine.name, `${needed}; ${engine.because}`);
}
