import type { Examined, Patience } from '../core/contract/ports/examination';
import { BEANSTALKD_SCHEMES, refuseTables, schemeOf } from './open-backend';
import type { SqlOptions } from './sql/open/sql-options';

/**
 * Looks at the server that a URL names and at the queue in it, one thing after the other. Changes nothing.
 *
 * @throws {InvalidConfigurationError} for a URL that is no backend's
 */
export async function* examineBackend(
  url: string,
  options: SqlOptions,
  patience: Patience,
): AsyncGenerator<Examined> {
  if (BEANSTALKD_SCHEMES.includes(schemeOf(url))) {
    refuseTables(options);
    const { examineBeanstalkd } = await import('./beanstalkd/examine-beanstalkd.js');
    yield* examineBeanstalkd(url);
    return;
  }
  const { examineSql } = await import('./sql/examination/examine-sql.js');
  yield* examineSql(url, options, patience);
}
