import { InvalidConfigurationError, shown } from '../../../core/contract/errors';
import { NEWEST_LAYOUT, upgradeFrom } from '../layouts/layout';
import type { TableOptions } from './sql-options';
import { sqlSystems } from './sql-systems';

/**
 * The SQL that makes the queue's tables, for those who bring it into the database by themselves; of a later layout than
 * `from`, where there are tables already.
 *
 * @throws {InvalidConfigurationError} for a database, a layout or a name that there is not
 */
export function printedSql(database: string, from: string, options: TableOptions): string {
  const system = sqlSystems.find(({ name }) => name === database);
  if (!system)
    throw new InvalidConfigurationError(
      `${shown(database)} is not a database: name one of ${sqlSystems.map(({ name }) => name).join(', ')}.`,
    );
  const layout = layoutNamed(from);
  const table = system.table(options);
  const statements = upgradeFrom(system.history(table, options), table, layout);
  const origin = layout === 0 ? '' : `, from layout ${layout}`;
  const title = `-- Tables of nestjs-simple-job-queue, layout ${NEWEST_LAYOUT}${origin}, for ${system.title}`;
  return [title, ...statements.map((statement) => `${statement};`), ''].join('\n');
}

function layoutNamed(from: string): number {
  if (/^\d{1,3}$/.test(from) && Number(from) <= NEWEST_LAYOUT) return Number(from);
  throw new InvalidConfigurationError(
    `--from must be an integer from 0 to ${NEWEST_LAYOUT}, got ${shown(from)}.`,
  );
}
