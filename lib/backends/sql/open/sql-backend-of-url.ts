import { type Logger, silentLogger } from '../../../core/contract/logger';
import { SqlBackend } from '../engine/sql-backend';
import { checkedSqlOptions, SQL_OPTIONS, type SqlOptions } from './sql-options';
import { systemOfUrl } from './sql-systems';

export { sqlSchemes } from './sql-systems';

/**
 * The queue on a connection of its own: `postgres://…`, `mysql://…`, `mariadb://…` or `sqlite:…`.
 *
 * @throws {InvalidConfigurationError} for another URL
 * @example
 * JobQueueModule.forRoot({ backend: sqlBackend('sqlite:jobs.sqlite', { synchronous: 'full' }) })
 */
export function sqlBackend(url: string, given: SqlOptions = {}, logger: Logger = silentLogger): SqlBackend {
  const options = checkedSqlOptions(given, SQL_OPTIONS);
  const system = systemOfUrl(url);
  const open = async () => ({ ...(await system.open(url, options, logger)), logger });
  return new SqlBackend(system, open, options.migrate ?? true);
}
