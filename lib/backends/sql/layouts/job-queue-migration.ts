import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { TableOptions } from '../connection/sql-options';
import { createTables, dropTables, type SqlSystem, systemOf } from '../connection/sql-system';

/** When the layout of version 1 was made. TypeORM reads a migration's place among the others from the end of its name. */
const LAYOUT_1 = 1_767_225_600_000;

/**
 * A migration that makes the queue's tables, and drops them with all jobs when it is reverted; for
 * `migrations: [jobQueueMigration()]` of a DataSource on PostgreSQL, MySQL, MariaDB or SQLite, or to be exported
 * from a file of the application's migrations folder. The queue is then used with the same options and
 * `migrate: false`.
 *
 * It fails where the table exists already; `typeorm migration:run --fake` takes it for done then.
 *
 * Each table has a migration of its own name, so that one DataSource can have several. Throws
 * `InvalidConfigurationError` when it runs, if an option is not for that database.
 */
export function jobQueueMigration(options: TableOptions = {}): new () => MigrationInterface {
  const tables = [options.schema, options.table].filter((part) => part !== undefined).join('_');
  return class JobQueueMigration implements MigrationInterface {
    readonly name = ['JobQueue', tables, LAYOUT_1].filter(Boolean).join('_');

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of createTables(systemUnder(runner), options)) await runner.query(statement);
    }

    async down(runner: QueryRunner): Promise<void> {
      for (const statement of dropTables(systemUnder(runner), options)) await runner.query(statement);
    }
  };
}

// `connection` is `dataSource` in TypeORM 1.x, which still knows the old name; 0.3 knows no other.
function systemUnder(runner: QueryRunner): SqlSystem {
  return systemOf(runner.connection.options.type);
}
