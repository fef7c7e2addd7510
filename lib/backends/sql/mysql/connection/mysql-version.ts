import { UnsupportedServerError } from '../../../../core/contract/errors';
import { refuseForeignEngine } from '../../open/foreign-engines';

// SKIP LOCKED came with these.
const LEAST_MYSQL = [8, 0, 1];
const LEAST_MARIADB = [10, 6, 0];

const NEEDED = 'MySQL 8.0.1 or MariaDB 10.6, or later';

/**
 * Whether `version()` is MariaDB's; throws `UnsupportedServerError` for a server that is too old, or that only imitates
 * MySQL (its `@@version_comment` may be all that tells).
 */
export function isMariadb(version: string, comment = ''): boolean {
  refuseForeignEngine(`${version} ${comment}`, NEEDED);
  const mariadb = /mariadb/i.test(version);
  const parts = /(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  if (isBefore(parts, mariadb ? LEAST_MARIADB : LEAST_MYSQL)) {
    throw new UnsupportedServerError(mariadb ? `MariaDB ${version}` : `MySQL ${version}`, NEEDED);
  }
  return mariadb;
}

function isBefore(version: readonly number[], least: readonly number[]): boolean {
  const differing = least.findIndex((part, index) => part !== version[index]);
  return differing !== -1 && (version[differing] ?? 0) < (least[differing] ?? 0);
}
