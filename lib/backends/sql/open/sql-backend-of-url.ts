import { type Logger, silentLogger } from '../../../core/contract/logger';
import { SqlBackend } from '../engine/sql-backend';
import { openDatabase } from './open-database';
import { checkedSqlOptions, SQL_OPTIONS, type SqlOptions } from './sql-options';

const NAMES: Record<string, string> = { postgresql: 'postgres', mariadb: 'mysql' };

/** The queue on a connection of its own: `postgres://…`, `mysql://…`, `mariadb://…` or `sqlite:…`. */
export function sqlBackend(url: string, given: SqlOptions = {}, logger: Logger = silentLogger): SqlBackend {
  const options = checkedSqlOptions(given, SQL_OPTIONS);
  const scheme = url.slice(0, Math.max(0, url.indexOf(':'))).toLowerCase();
  return new SqlBackend(
    NAMES[scheme] ?? scheme,
    () => openDatabase(url, options, logger),
    options.migrate ?? true,
  );
}
