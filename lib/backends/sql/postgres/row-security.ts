import { BackendRefusedError } from '../../../core/contract/errors';
import type { SqlSession } from '../connection/executor';
import type { JobTable } from '../layouts/job-table';

/** What the queue uses beside the jobs, their pauses and the version of the layout. */
const SIDES = ['pipelines', 'keys', 'done', 'schedules', 'workers', 'progress', 'logs', 'events'];

/** An insert is not among them: PostgreSQL refuses one that no policy allows, and hides nothing. */
const RIGHTS = { select: 'r', update: 'w', delete: 'd' } as const;

type Right = keyof typeof RIGHTS;

/** A policy on a table, for a role that it binds; without a name when there is none. */
interface PolicyRow extends Readonly<Record<Right, boolean>> {
  readonly table: string;
  readonly role: string;
  readonly policy: string | null;
  /** One of `RIGHTS`, or `*`. */
  readonly command: string;
  /** False when it restricts what others allow. */
  readonly allows: boolean;
  /** Its condition is `true`. */
  readonly everything: boolean;
}

/** A table of whose rows row-level security may keep some from this role. */
export interface NarrowedTable {
  readonly table: string;
  readonly role: string;
  /** What the role has a right to, and no policy lets it do with any row. */
  readonly hidden: readonly Right[];
  /** The policies whose condition may be false for a row: which rows these are, nobody can know. */
  readonly policies: readonly string[];
}

/** Tables are named in full; PostgreSQL itself says whether a role is above all policies, as the owner is by default. */
export async function narrowedTables(db: SqlSession, table: JobTable): Promise<NarrowedTable[]> {
  const rows = await db.rows<PolicyRow>(
    `select c.relname::text as "table", current_user::text as role,
pg_catalog.has_any_column_privilege(c.oid, 'select') as "select",
pg_catalog.has_any_column_privilege(c.oid, 'update') as "update",
pg_catalog.has_table_privilege(c.oid, 'delete') as "delete",
p.polname::text as policy, p.polcmd::text as command, p.polpermissive as allows,
coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true', false) as everything
from pg_catalog.pg_class c
left join pg_catalog.pg_policy p on p.polrelid = c.oid and exists (
  select from pg_catalog.unnest(p.polroles) as member where member = 0::oid or pg_catalog.pg_has_role(member, 'usage'))
where c.oid = any(array(select pg_catalog.to_regclass(named)::oid from pg_catalog.unnest($1::text[]) as named))
and pg_catalog.row_security_active(c.oid)
order by c.relname, p.polname`,
    [[table.jobs, table.pauses, table.schema, ...SIDES.map((name) => table.side(name))]],
  );
  const names = new Set(rows.map((row) => row.table));
  return [...names]
    .map((name) => narrowed(rows.filter((row) => row.table === name)))
    .filter(({ hidden, policies }) => hidden.length > 0 || policies.length > 0);
}

/** @throws {BackendRefusedError} when this role would find a table of the queue empty, or change nothing in it */
export async function refuseHiddenRows(db: SqlSession, table: JobTable): Promise<void> {
  const hidden = (await narrowedTables(db, table)).filter((each) => each.hidden.length > 0);
  const [first] = hidden;
  if (!first) return;
  const what = hidden.map((each) => `${each.table} (${each.hidden.join(', ')})`).join(', ');
  throw new BackendRefusedError(
    'postgres',
    `row-level security hides every row from the role ${first.role}, which has the right and no policy: ${what}. Make a policy: create policy … on … to ${first.role} using (true). Or revoke the right, or alter table … disable row level security.`,
  );
}

/** One line, where policies may hide rows. */
export async function rowSecurityCaveats(db: SqlSession, table: JobTable): Promise<string[]> {
  const tables = await narrowedTables(db, table);
  const [first] = tables;
  if (!first) return [];
  const what = tables.map((each) => `${each.table} (${each.policies.join(', ')})`).join(', ');
  return [
    `Row-level security of PostgreSQL may hide rows from the role ${first.role}: ${what}. A job that a policy hides is not there for this process, which neither counts nor handles it, and says nothing of it`,
  ];
}

function narrowed(rows: readonly PolicyRow[]): NarrowedTable {
  const [{ table, role }] = rows as [PolicyRow];
  const rights = (Object.keys(RIGHTS) as Right[]).filter((right) => rows.some((row) => row[right]));
  const policies = rows.filter(({ policy }) => policy !== null);
  const hidden: Right[] = [];
  const conditional = new Set<string>();
  for (const right of rights) {
    const bound = policies.filter(({ command }) => command === '*' || command === RIGHTS[right]);
    const allowing = bound.filter(({ allows }) => allows);
    if (allowing.length === 0) hidden.push(right);
    // One policy that allows everything is enough; each one that restricts counts.
    const open = allowing.some(({ everything }) => everything);
    for (const { policy, allows, everything } of bound)
      if (!everything && !(allows && open)) conditional.add(policy!);
  }
  return { table, role, hidden, policies: [...conditional] };
}
