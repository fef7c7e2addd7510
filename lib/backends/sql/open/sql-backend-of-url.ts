import { type Logger, silentLogger } from '../../../core/contract/logger';
import { SqlBackend } from '../engine/sql-backend';
import { openDatabase } from './open-database';
import type { SqlOptions } from './sql-options';

const NAMES: Record<string, string> = { postgresql: 'postgres', mariadb: 'mysql' };

/** The queue on a connection of its own: `postgres://…`, `mysql://…`, `mariadb://…` or `sqlite:…`. */
export function sqlBackend(url: string, options: SqlOptions = {}, logger: Logger = silentLogger): SqlBackend {
  const scheme = url.slice(0, Math.max(0, url.indexOf(':'))).toLowerCase();
  return new SqlBackend(
    NAMES[scheme] ?? scheme,
    () => openDatabase(url, options, logger),
    options.migrate ?? true,
  );
}
