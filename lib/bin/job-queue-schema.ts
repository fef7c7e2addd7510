#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { NEWEST_LAYOUT, upgradeFrom } from '../backends/sql/layouts/layout';
import type { SqlSystem } from '../backends/sql/open/sql-system';
import { sqlSystems } from '../backends/sql/open/sql-systems';
import { InvalidConfigurationError, JobQueueError, shown } from '../core/contract/errors';

/*
 * Prints the SQL that makes the queue's tables, for those who bring it into the database by themselves:
 *
 *   npx job-queue-schema postgres --schema app | psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1
 *
 * Exit codes: 0 printed, 2 a mistake in the command line.
 */

const USAGE = `Usage: job-queue-schema <database> [options]

Prints the SQL that makes the tables of nestjs-simple-job-queue, or brings older ones to the newest layout.

  <database>       ${sqlSystems.map(({ name, title }) => `${name} (${title})`).join(', ')}
  --from <layout>  the layout that the tables have now, default 0: there are none. The newest one prints
                   the database functions alone
  --table <name>   the option table of the queue, default job_queue_jobs
  --schema <name>  the option schema, PostgreSQL only, default public
  --compression    the option compression, MySQL and MariaDB only
  --help           print this
`;

function main(args: readonly string[]): string {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      table: { type: 'string' },
      schema: { type: 'string' },
      compression: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const { help, from = '0', ...options } = values;
  if (help === true) return USAGE;
  const system = systemNamed(positionals);
  const layout = layoutNamed(from);
  const table = system.table(options);
  const statements = upgradeFrom(system.history(table, options), table, layout);
  const origin = layout === 0 ? '' : `, from layout ${layout}`;
  const title = `-- Tables of nestjs-simple-job-queue, layout ${NEWEST_LAYOUT}${origin}, for ${system.title}`;
  return [title, ...statements.map((statement) => `${statement};`), ''].join('\n');
}

function systemNamed(positionals: readonly string[]): SqlSystem {
  const named = positionals.join(' ');
  const system = sqlSystems.find(({ name }) => name === named);
  if (system) return system;
  throw new InvalidConfigurationError(
    `${shown(named)} is not a database: name one of ${sqlSystems.map(({ name }) => name).join(', ')}.`,
  );
}

function layoutNamed(from: string): number {
  if (/^\d{1,3}$/.test(from) && Number(from) <= NEWEST_LAYOUT) return Number(from);
  throw new InvalidConfigurationError(
    `--from must be an integer from 0 to ${NEWEST_LAYOUT}, got ${shown(from)}.`,
  );
}

/** What `parseArgs` throws for an option that it does not know, or without its value. */
function isMistake(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return (
    error instanceof JobQueueError ||
    (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true
  );
}

try {
  process.stdout.write(main(process.argv.slice(2)));
} catch (error) {
  if (!isMistake(error)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
