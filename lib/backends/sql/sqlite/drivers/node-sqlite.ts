import type { SqliteDriver } from './sqlite-driver';
import { named, SynchronousConnection, type SynchronousDatabase } from './synchronous-connection';

/** The part of `node:sqlite` that is used. */
export interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => SynchronousDatabase;
}

/** SQLite as Node brings it along: nothing has to be installed. */
export function nodeSqlite({ DatabaseSync }: NodeSqlite): SqliteDriver {
  return {
    name: 'node:sqlite',
    open(file) {
      try {
        return new SynchronousConnection(new DatabaseSync(file));
      } catch (error) {
        throw named(error);
      }
    },
  };
}
