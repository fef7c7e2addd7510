import { findingIf, type SqlCheck, type SqlPatient } from '../../examination/sql-check';
import type { SystemChecks } from '../../open/sql-system';
import { narrowedTables } from '../row-security';

const DEAD_ROWS = 10_000;
/** So many dead rows for each living one. */
const DEAD_SHARE = 5;
const MOST_CONNECTIONS = 0.9;

async function settings({ db }: SqlPatient, names: readonly string[]): Promise<Record<string, string>> {
  const rows = await db.rows<{ name: string; value: string }>(
    `select name, pg_catalog.current_setting(name) as value from pg_catalog.pg_settings where name = any($1)`,
    [names],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

const server: SqlCheck = {
  about: 'server',
  async look({ db }) {
    const [row] = await db.rows<{ version: string; role: string; standby: boolean }>(
      `select pg_catalog.current_setting('server_version') as version, current_user as role, pg_catalog.pg_is_in_recovery() as standby`,
    );
    return {
      seen: `PostgreSQL ${row?.version}, as ${row?.role}`,
      findings: findingIf(
        row?.standby === true,
        'This server is a standby, and takes no writes.',
        'Name the primary, or all hosts with commas between them: the one that takes writes is used.',
      ),
    };
  },
};

const isolation: SqlCheck = {
  about: 'isolation',
  async look(patient) {
    const found = await settings(patient, ['default_transaction_isolation', 'default_transaction_read_only']);
    const { default_transaction_isolation: level = '', default_transaction_read_only: readOnly } = found;
    return {
      seen: level,
      findings: [
        ...findingIf(
          level !== 'read committed',
          `Statements of this role run at ${level}: workers that claim at once fail and try again.`,
          `alter role … set default_transaction_isolation = 'read committed', or that of the database.`,
        ),
        ...findingIf(
          readOnly === 'on',
          'Transactions of this role are read-only.',
          'alter role … reset default_transaction_read_only, or that of the database.',
        ),
      ],
    };
  },
};

const durability: SqlCheck = {
  about: 'durability',
  async look(patient) {
    const found = await settings(patient, ['fsync', 'synchronous_commit', 'synchronous_standby_names']);
    const { fsync, synchronous_commit: commit = '', synchronous_standby_names: names = '' } = found;
    const [standbys] = await patient.db.rows<{ count: number }>(
      `select count(*)::int as count from pg_catalog.pg_stat_replication where sync_state in ('sync', 'quorum')`,
    );
    return {
      seen: `synchronous_commit ${commit}${names === '' ? '' : `, synchronous standbys ${names}`}`,
      findings: [
        ...findingIf(
          fsync === 'off',
          'fsync is off: a crash of the machine may destroy the database.',
          'Switch it on, and restart the server.',
        ),
        ...findingIf(
          commit === 'off',
          'synchronous_commit is off: a crash of the server loses the jobs that were added just before.',
          `alter role … set synchronous_commit = 'on', unless that is meant.`,
        ),
        ...findingIf(
          names !== '' && !['off', 'local'].includes(commit) && standbys?.count === 0,
          'synchronous_standby_names waits for a standby, and none is connected: every commit hangs.',
          'Bring the standby up, or take it out of synchronous_standby_names.',
        ),
      ],
    };
  },
};

const transactions: SqlCheck = {
  about: 'oldest transaction',
  async look({ db, patience }) {
    const [row] = await db.rows<{ age: string | null; pid: number | null; application: string | null }>(
      `select * from (
  select extract(epoch from pg_catalog.clock_timestamp() - xact_start) as age, pid, application_name as application
  from pg_catalog.pg_stat_activity
  where (backend_xmin is not null or backend_xid is not null) and pid <> pg_catalog.pg_backend_pid()
  union all
  select extract(epoch from pg_catalog.clock_timestamp() - prepared), null, 'prepared ' || gid from pg_catalog.pg_prepared_xacts) open_ones
order by age desc nulls last limit 1`,
    );
    const age = Number(row?.age ?? 0);
    const whose = row?.pid === null ? row.application : `process ${row?.pid} (${row?.application})`;
    return {
      seen: age === 0 ? 'none' : `${Math.round(age)} s`,
      findings: findingIf(
        age > patience,
        `A transaction of ${whose} is open for ${Math.round(age)} s: no vacuum removes what was deleted since, and claims become slow.`,
        row?.pid === null
          ? 'Commit it or roll it back: select gid from pg_prepared_xacts.'
          : `End it in the application, or by select pg_terminate_backend(${row?.pid}); idle_in_transaction_session_timeout prevents it.`,
      ),
    };
  },
};

const connections: SqlCheck = {
  about: 'connections',
  async look({ db }) {
    const [row] = await db.rows<{ used: number; most: number }>(
      `select count(*)::int as used, pg_catalog.current_setting('max_connections')::int as most
from pg_catalog.pg_stat_activity where backend_type = 'client backend'`,
    );
    const { used = 0, most = 0 } = row ?? {};
    return {
      seen: `${used} of ${most}`,
      findings: findingIf(
        used > most * MOST_CONNECTIONS,
        `${used} of ${most} connections are in use.`,
        'Raise max_connections, make pools smaller (the option poolSize of a DataSource), or put a pooler between.',
      ),
    };
  },
};

const vacuum: SqlCheck = {
  about: 'vacuum',
  async look(patient) {
    const { db, table } = patient;
    const { autovacuum } = await settings(patient, ['autovacuum']);
    const [row] = await db.rows<{ dead: string; live: string; options: string | null }>(
      `select coalesce(s.n_dead_tup, 0) as dead, coalesce(s.n_live_tup, 0) as live, pg_catalog.array_to_string(c.reloptions, ',') as options
from pg_catalog.pg_class c left join pg_catalog.pg_stat_all_tables s on s.relid = c.oid where c.oid = $1::regclass`,
      [table.jobs],
    );
    const [dead, live] = [Number(row?.dead ?? 0), Number(row?.live ?? 0)];
    return {
      seen: `${dead} dead rows, ${live} living ones`,
      findings: [
        ...findingIf(
          autovacuum === 'off',
          'autovacuum is off on this server.',
          'Switch it on: the table of a queue changes all the time.',
        ),
        ...findingIf(
          /autovacuum_enabled=(false|off|no|0)/i.test(row?.options ?? ''),
          `autovacuum is off for ${table.jobs}.`,
          `alter table ${table.jobs} reset (autovacuum_enabled)`,
        ),
        ...findingIf(
          dead > DEAD_ROWS && dead > live * DEAD_SHARE,
          `${dead} dead rows stand between ${live} living ones: claims become slow.`,
          `Look for an old transaction first, then: vacuum ${table.jobs}`,
        ),
      ],
    };
  },
};

const rowSecurity: SqlCheck = {
  about: 'row-level security',
  async look({ db, table: queue }) {
    const tables = await narrowedTables(db, queue);
    return {
      seen: tables.length === 0 ? 'hides nothing from this role' : '',
      findings: tables.map(({ table, role, policies }) => ({
        finding: `Policies may hide rows of ${table} from the role ${role}: ${policies.join(', ')}.`,
        remedy: `For this role a hidden job is not there. Unless that is meant: create policy … on ${table} to ${role} using (true), and drop what restricts it.`,
      })),
    };
  },
};

export const postgresChecks: SystemChecks = {
  server: [server, isolation, durability, transactions, connections],
  tables: [vacuum, rowSecurity],
};
