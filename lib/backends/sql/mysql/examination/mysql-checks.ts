import { messageOf } from '../../../../core/checks/text';
import { InvalidConfigurationError } from '../../../../core/contract/errors';
import { findingIf, type SqlCheck, type SqlPatient } from '../../examination/sql-check';
import type { SystemChecks } from '../../open/sql-system';
import { checkSession } from '../connection/mysql-session';

const SMALL_PACKET = 4 * 1024 * 1024;
/** Versions of rows that wait to be purged. */
const LONG_HISTORY = 1_000_000;

async function globals({ db }: SqlPatient, names: readonly string[]): Promise<Record<string, string>> {
  const rows = await db.rows<{ Variable_name: string; Value: string }>(
    `show global variables where variable_name in (?)`,
    [names],
  );
  return Object.fromEntries(
    rows.map(({ Variable_name: name, Value: value }) => [name.toLowerCase(), value.toLowerCase()]),
  );
}

const server: SqlCheck = {
  about: 'server',
  async look(patient) {
    const [row] = await patient.db.rows<{ version: string; role: string }>(
      'select version() as version, current_user() as role',
    );
    const { read_only: readOnly } = await globals(patient, ['read_only']);
    const version = row?.version ?? '';
    return {
      seen: `${/mariadb/i.test(version) ? 'MariaDB' : 'MySQL'} ${version}, as ${row?.role}`,
      findings: findingIf(
        readOnly === 'on' || readOnly === '1',
        'This server is read-only, as a replica is.',
        'Name the primary, or all hosts with commas between them: the one that takes writes is used.',
      ),
    };
  },
};

/** The queue's own connections set what they need; those of an application's DataSource have what the server gives. */
const sessions: SqlCheck = {
  about: 'settings',
  async look(patient) {
    const findings = [];
    try {
      await checkSession(patient.db);
    } catch (error) {
      if (!(error instanceof InvalidConfigurationError)) throw error;
      findings.push({ finding: messageOf(error), remedy: 'Change it in the configuration of the server.' });
    }
    const names = ['sql_mode', 'autocommit', 'completion_type', 'max_allowed_packet'];
    const found = await globals(patient, names);
    const packet = Number(found['max_allowed_packet']);
    const ofDataSource =
      'Set it in the configuration of the server; a queue by its URL is not touched by it.';
    return {
      seen: `max_allowed_packet ${packet}, sql_mode ${found['sql_mode'] || 'empty'}`,
      findings: [
        ...findings,
        ...findingIf(
          found['sql_mode']?.includes('empty_string_is_null') === true,
          'sql_mode has EMPTY_STRING_IS_NULL: the queue refuses to start on a DataSource of the application.',
          ofDataSource,
        ),
        ...findingIf(
          found['autocommit'] === 'off',
          'autocommit is off: the queue refuses to start on a DataSource of the application.',
          ofDataSource,
        ),
        ...findingIf(
          found['completion_type'] !== undefined && found['completion_type'] !== 'no_chain',
          `completion_type is ${found['completion_type']}: the queue refuses to start on a DataSource of the application.`,
          ofDataSource,
        ),
        ...findingIf(
          packet < SMALL_PACKET,
          `max_allowed_packet is ${packet} bytes: larger payloads are refused.`,
          'Raise it to 64M in the configuration of the server, and connect anew.',
        ),
      ],
    };
  },
};

const durability: SqlCheck = {
  about: 'durability',
  async look(patient) {
    const names = ['innodb_flush_log_at_trx_commit', 'sync_binlog', 'log_bin'];
    const found = await globals(patient, names);
    const flush = found['innodb_flush_log_at_trx_commit'];
    return {
      seen: `innodb_flush_log_at_trx_commit ${flush}`,
      findings: [
        ...findingIf(
          flush !== '1',
          `innodb_flush_log_at_trx_commit is ${flush}: a crash of the machine loses the jobs that were added just before.`,
          'Set it to 1, unless that is meant.',
        ),
        ...findingIf(
          found['log_bin'] === 'on' && found['sync_binlog'] !== '1',
          `sync_binlog is ${found['sync_binlog']}: after a crash of the machine replicas may lack jobs.`,
          'Set it to 1, unless that is meant.',
        ),
      ],
    };
  },
};

const transactions: SqlCheck = {
  about: 'oldest transaction',
  async look({ db, patience }) {
    const [row] = await db.rows<{ age: string | number; thread: string | number }>(
      `select timestampdiff(microsecond, trx_started, sysdate(6)) / 1000000 as age, trx_mysql_thread_id as thread
from information_schema.innodb_trx where trx_mysql_thread_id <> connection_id() order by trx_started limit 1`,
    );
    const age = Number(row?.age ?? 0);
    return {
      seen: row ? `${Math.round(age)} s` : 'none',
      findings: findingIf(
        age > patience,
        `The transaction of connection ${row?.thread} is open for ${Math.round(age)} s: what was deleted since is not purged, and claims become slow.`,
        `End it in the application, or by kill ${row?.thread}.`,
      ),
    };
  },
};

const history: SqlCheck = {
  about: 'purge',
  async look({ db }) {
    const [row] = await db.rows<{ count: string | number }>(
      `select count as count from information_schema.innodb_metrics where name = 'trx_rseg_history_len'`,
    );
    const count = Number(row?.count ?? 0);
    return {
      seen: `${count} versions of rows to be purged`,
      findings: findingIf(
        count > LONG_HISTORY,
        `${count} old versions of rows wait to be purged: claims become slow.`,
        'Look for an old transaction, and for innodb_max_purge_lag.',
      ),
    };
  },
};

const connections: SqlCheck = {
  about: 'connections',
  async look({ db }) {
    const [row] = await db.rows<{ Value: string }>(`show global status like 'Threads_connected'`);
    const [most] = await db.rows<{ most: string | number }>('select @@global.max_connections as most');
    const [used, limit] = [Number(row?.Value ?? 0), Number(most?.most ?? 0)];
    return {
      seen: `${used} of ${limit}`,
      findings: findingIf(
        used > limit * 0.9,
        `${used} of ${limit} connections are in use.`,
        'Raise max_connections, or make pools smaller (the option poolSize of a DataSource).',
      ),
    };
  },
};

const engine: SqlCheck = {
  about: 'storage',
  async look({ db, table }) {
    const [row] = await db.rows<{ engine: string; rowFormat: string }>(
      `select engine as engine, row_format as rowFormat from information_schema.tables where table_schema = database() and table_name = ?`,
      [table.name],
    );
    const name = row?.engine ?? '';
    return {
      seen: `${name}, ${row?.rowFormat}`,
      findings: findingIf(
        name.toLowerCase() !== 'innodb',
        `${table.jobs} is kept by ${name}, which has no transactions.`,
        `alter table ${table.jobs} engine = InnoDB`,
      ),
    };
  },
};

export const mysqlChecks: SystemChecks = {
  server: [server, sessions, durability, transactions, history, connections],
  tables: [engine],
};
