import type { QueueBackend } from '../core/contract/backend';
import { InvalidConfigurationError, shown } from '../core/contract/errors';
import { type Logger, silentLogger } from '../core/contract/logger';

/**
 * The one place that knows all backends: a URL's scheme chooses, and only the chosen one's code and packages
 * are loaded. A message about a URL shows its scheme alone, because the rest may hold a password.
 */
export async function openBackend(url: string, logger: Logger = silentLogger): Promise<QueueBackend> {
  const scheme = /^([a-z0-9+]+):/i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'sqlite':
    case 'postgres':
    case 'postgresql':
    case 'mysql':
    case 'mariadb': {
      const { sqlBackend } = await import('./sql/open/sql-backend-of-url.js');
      return sqlBackend(url, {}, logger);
    }
    case 'beanstalkd':
    case 'beanstalk': {
      const { beanstalkdBackend } = await import('./beanstalkd/beanstalkd-backend.js');
      return beanstalkdBackend(url);
    }
    default:
      throw new InvalidConfigurationError(
        `A backend URL cannot begin with ${shown(scheme === undefined ? url.slice(0, 12) : `${scheme}:`)}: use sqlite:, postgres://, mysql://, mariadb:// or beanstalkd://.`,
      );
  }
}
