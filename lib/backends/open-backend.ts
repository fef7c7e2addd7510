import type { QueueBackend } from '../core/contract/backend';
import { InvalidConfigurationError, shown } from '../core/contract/errors';
import type { SqlOptions } from './sql/open/sql-options';

export const BEANSTALKD_SCHEMES: readonly string[] = ['beanstalkd', 'beanstalk'];

/**
 * The one place that knows all backends: a URL's scheme chooses, and only the chosen one's code and packages
 * are loaded. A message about a URL shows its scheme alone, because the rest may hold a password. The options are for
 * tables: beanstalkd has none.
 *
 * @throws {InvalidConfigurationError} for a URL that is no backend's
 */
export async function openBackend(url: string, options: SqlOptions = {}): Promise<QueueBackend> {
  const scheme = schemeOf(url);
  if (BEANSTALKD_SCHEMES.includes(scheme)) {
    refuseTables(options);
    const { beanstalkdBackend } = await import('./beanstalkd/beanstalkd-backend.js');
    return beanstalkdBackend(url);
  }
  const { sqlBackend, sqlSchemes } = await import('./sql/open/sql-backend-of-url.js');
  if (sqlSchemes.includes(scheme)) return sqlBackend(url, options);
  const known = [...sqlSchemes, ...BEANSTALKD_SCHEMES].map((each) => `${each}:`);
  throw new InvalidConfigurationError(
    `A backend URL cannot begin with ${shown(scheme === '' ? url.slice(0, 12) : `${scheme}:`)}: use one of ${known.join(', ')}.`,
  );
}

/** In small letters; empty when there is none. */
export function schemeOf(url: string): string {
  return /^([a-z0-9+]+):/i.exec(url)?.[1]?.toLowerCase() ?? '';
}

/** @throws {InvalidConfigurationError} for options of tables, where there are none */
export function refuseTables({ table, schema }: SqlOptions): void {
  if (table === undefined && schema === undefined) return;
  throw new InvalidConfigurationError(
    `The option ${table === undefined ? 'schema' : 'table'} is not for beanstalkd: it has no tables. Leave it out.`,
  );
}
