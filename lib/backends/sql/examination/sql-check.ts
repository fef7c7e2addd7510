import type { Check, Finding, Patience } from '../../../core/contract/ports/examination';
import type { SqlExecutor } from '../connection/executor';
import type { SqlDialect } from '../engine/dialect';
import type { JobTable } from '../layouts/job-table';
import type { Database } from '../open/database';

/** What a check of a database looks at. */
export interface SqlPatient extends Patience {
  readonly db: SqlExecutor;
  readonly table: JobTable;
  readonly dialect: SqlDialect;
  readonly database: Database;
  /** What the parts of the queue have warned of. */
  readonly warnings: readonly string[];
}

export type SqlCheck = Check<SqlPatient>;

/** The finding when there is a problem. */
export function findingIf(problem: boolean, finding: string, remedy: string): Finding[] {
  return problem ? [{ finding, remedy }] : [];
}

/** A name that others have stored, for a message. */
export function printableName(name: string): string {
  return JSON.stringify(name.slice(0, 60));
}
