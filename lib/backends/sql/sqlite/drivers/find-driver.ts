import type { DataSource } from 'typeorm';
import { InvalidConfigurationError, MissingDriverError } from '../../../../core/contract/errors';
import { type BetterSqlite3, betterSqlite3 } from './better-sqlite3';
import { type NodeSqlite, nodeSqlite } from './node-sqlite';
import type { SqliteDriver } from './sqlite-driver';
import { type Sqlite3, sqlite3 } from './sqlite3';

/**
 * The driver for a URL: an installed package, else Node's own.
 *
 * A package that is installed comes first, because the application may have the same file open by it, in the same
 * process. Two copies of SQLite in one process do not see each other's locks: both write at once, and one loses what
 * it wrote.
 */
export async function findDriver(): Promise<SqliteDriver> {
  const broken: InvalidConfigurationError[] = [];
  for (const find of [findBetterSqlite3, findSqlite3]) {
    try {
      const driver = await find();
      if (driver) return driver;
    } catch (error) {
      broken.push(error as InvalidConfigurationError);
    }
  }
  const driver = findNodeSqlite();
  if (driver) return driver;
  throw broken[0] ?? new MissingDriverError('better-sqlite3', 'sqlite');
}

/** The very copy of SQLite that the application's DataSource has loaded. */
export function driverOf(dataSource: DataSource): SqliteDriver {
  const { sqlite } = dataSource.driver as unknown as { sqlite: unknown };
  return dataSource.options.type === 'better-sqlite3'
    ? betterSqlite3(sqlite as BetterSqlite3)
    : sqlite3(sqlite as Sqlite3);
}

/** Undefined where Node has none, or an early one. */
export function findNodeSqlite(): SqliteDriver | undefined {
  const found = process.getBuiltinModule?.('node:sqlite') as
    (NodeSqlite & { readonly StatementSync: { readonly prototype: object } }) | undefined;
  // These came with Node 22.16, the first release that is tested.
  return found && 'columns' in found.StatementSync.prototype ? nodeSqlite(found) : undefined;
}

async function findBetterSqlite3(): Promise<SqliteDriver | undefined> {
  const Database = await loaded<BetterSqlite3>('better-sqlite3');
  if (!Database) return undefined;
  // It loads what was compiled only now.
  await explained('better-sqlite3', () => new Database(':memory:', { timeout: 0 }).close());
  return betterSqlite3(Database);
}

async function findSqlite3(): Promise<SqliteDriver | undefined> {
  const module = await loaded<Sqlite3>('sqlite3');
  return module && sqlite3(module);
}

/** Undefined when it is not installed. */
async function loaded<T>(packageName: string): Promise<T | undefined> {
  try {
    require.resolve(packageName);
  } catch {
    return undefined;
  }
  const module = await explained(packageName, () => import(packageName) as Promise<{ readonly default: T }>);
  return module.default;
}

async function explained<T>(packageName: string, load: () => T | Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new InvalidConfigurationError(
      `The package ${packageName} is installed and does not load on Node ${process.versions.node}: compile it for this Node, npm rebuild ${packageName}.`,
      { cause },
    );
  }
}
