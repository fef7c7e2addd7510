import { InvalidConfigurationError } from '../../../../core/contract/errors';
import type { SqlSession } from '../../connection/executor';

/*
 * Settings of a session that change what our statements mean, or whether they are ever committed. On connections of the
 * queue's own they are made; on the application's they are the application's, so that what cannot work is refused.
 */

/** Whatever `init_connect`, the server's defaults or the user's are. */
export const OWN_SESSION = [
  // A lock wait ends before the deadline of its statement, and is tried again.
  `set names utf8mb4, sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, completion_type = 0,
sql_auto_is_null = 0, sql_safe_updates = 0, sql_select_limit = default, innodb_lock_wait_timeout = 5`,
  'set session transaction isolation level read committed, read write',
].join(';\n');

interface Rule {
  /** In lower case. */
  readonly refused: (value: string) => boolean;
  readonly because: string;
}

const CHARACTER_SET: Rule = {
  refused: (value) => value !== 'utf8mb4' && value !== '',
  because: "payloads would be changed in silence; give the DataSource the option charset: 'utf8mb4'",
};

const RULES: Record<string, Rule> = {
  character_set_client: CHARACTER_SET,
  character_set_connection: CHARACTER_SET,
  character_set_results: CHARACTER_SET,
  autocommit: {
    refused: (value) => value === 'off',
    because: "the queue's statements would never be committed; switch it on for the DataSource's connections",
  },
  completion_type: {
    refused: (value) => value !== 'no_chain',
    because:
      "a commit of the queue's would begin another transaction, or end the connection; set it to NO_CHAIN",
  },
  sql_mode: {
    refused: (value) => /\bempty_string_is_null\b/.test(value),
    because: 'an empty text would be stored as none; leave EMPTY_STRING_IS_NULL out',
  },
};

/** Throws `InvalidConfigurationError` for settings with which the queue cannot work, by name. */
export async function checkSession(db: SqlSession): Promise<void> {
  const names = [...Object.keys(RULES), 'log_bin', 'binlog_format'];
  const rows = await db.rows<{ Variable_name: string; Value: string }>(
    `show session variables where variable_name in (?)`,
    [names],
  );
  const settings = new Map(
    rows.map(({ Variable_name: name, Value: value }) => [name.toLowerCase(), value.toLowerCase()]),
  );
  for (const [name, { refused, because }] of Object.entries(RULES)) {
    const value = settings.get(name);
    if (value !== undefined && refused(value)) throw notSo(name, value, because);
  }
  if (settings.get('log_bin') === 'on' && settings.get('binlog_format') === 'statement') {
    throw notSo(
      'binlog_format',
      'statement',
      'InnoDB logs no statement at READ COMMITTED, which claims need; set it to ROW or MIXED',
    );
  }
}

function notSo(name: string, value: string, because: string): InvalidConfigurationError {
  return new InvalidConfigurationError(`The setting ${name} of MySQL or MariaDB is ${value}: ${because}.`);
}
