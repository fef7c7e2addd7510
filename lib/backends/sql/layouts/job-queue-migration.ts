import type { MigrationInterface, QueryRunner } from 'typeorm';
import { checkedOptions, type OptionNames } from '../../../core/checks/options';
import { InvalidConfigurationError, shown } from '../../../core/contract/errors';
import type { TableOptions } from '../open/sql-options';
import { systemOfDataSource } from '../open/sql-systems';
import { DEFAULT_TABLE, JobTable } from './job-table';
import { layoutDown, layoutUp, NEWEST_LAYOUT } from './layout';

/** When each layout was made. TypeORM orders migrations by the time at the end of their names. */
const MADE_AT = [1_767_225_600_000, 1_795_737_600_000, 1_795_780_800_000];

export interface MigrationOptions extends TableOptions {
  /**
   * Which layout the migration leads to, from the one before it.
   * @default 1
   */
  readonly layout?: number;
}

const MIGRATION_OPTIONS: OptionNames<MigrationOptions> = {
  layout: true,
  table: true,
  schema: true,
  compression: true,
};

/**
 * All migrations of the queue's tables, one for each layout, for `migrations: [...jobQueueMigrations()]` of a DataSource on
 * PostgreSQL, MySQL, MariaDB or SQLite. The queue is then used with the same options and `migrate: false`.
 *
 * @example
 * new DataSource({ type: 'postgres', url, migrations: [...jobQueueMigrations({ table: 'jobs' }), CreateOrders1] });
 */
export function jobQueueMigrations(options: TableOptions = {}): (new () => MigrationInterface)[] {
  return MADE_AT.map((_, index) => jobQueueMigration({ ...options, layout: index + 1 }));
}

/**
 * The migration that leads to one layout, to be exported from a file of the application's migrations folder. That of
 * layout 1 makes the tables, and drops them with all jobs when it is reverted. It fails where they exist already: then
 * `typeorm migration:run --fake` marks it as done. The others keep all jobs, both ways.
 *
 * The names of the migrations contain the name of the table, so that one DataSource can have several queues.
 *
 * @throws {InvalidConfigurationError} for a layout that does not exist, for a name that is none, and, when the migration
 * runs, for an option that is not for that database
 * @throws {InvalidJobOptionError} for an option that does not exist
 * @example
 * // migrations/1795737600000-job-queue.ts
 * export const JobQueue1795737600000 = jobQueueMigration({ layout: 2 });
 */
export function jobQueueMigration(given: MigrationOptions = {}): new () => MigrationInterface {
  const { layout = 1, ...options } = checkedOptions(given, MIGRATION_OPTIONS);
  const madeAt = Number.isInteger(layout) ? MADE_AT[layout - 1] : undefined;
  if (madeAt === undefined) {
    throw new InvalidConfigurationError(
      `The layout must be an integer from 1 to ${NEWEST_LAYOUT}, got ${shown(layout)}.`,
    );
  }
  // Refuses what is no name, as the migration would when it runs.
  new JobTable(options.table ?? DEFAULT_TABLE, options.schema, (name) => name);
  const tables = [options.schema, options.table].filter((part) => part !== undefined).join('_');
  return class JobQueueMigration implements MigrationInterface {
    readonly name = ['JobQueue', tables, madeAt].filter(Boolean).join('_');

    async up(runner: QueryRunner): Promise<void> {
      const { history, table, step } = under(runner);
      const functions = history.functions.map(({ create }) => create);
      for (const statement of [...layoutUp(step, table), ...functions]) await runner.query(statement);
    }

    async down(runner: QueryRunner): Promise<void> {
      const { table, step } = under(runner);
      for (const statement of layoutDown(step, table)) await runner.query(statement);
    }
  };

  // `connection` is `dataSource` in TypeORM 1.x, which still knows the old name; 0.3 knows no other.
  function under(runner: QueryRunner) {
    const system = systemOfDataSource(runner.connection.options.type);
    const table = system.table(options);
    const history = system.history(table, options);
    const step = history.layouts.find(({ version }) => version === layout)!;
    return { history, step, table };
  }
}
