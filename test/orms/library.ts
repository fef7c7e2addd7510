import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import type { SqlBackendOptions } from '../../lib/backends/sql/open/sql-options';
import { sqlBackend } from '../../lib/typeorm';
import { newPlace, type Place } from './place';

/** A library as an application uses it on one database, which has the table `orders`. */
export interface Library {
  /** Begins a transaction; commits when the work resolves, else rolls back and rejects with the same error. */
  transaction<T>(work: (transaction: object) => Promise<T>): Promise<T>;
  /** A savepoint in the transaction, in the same way. */
  savepoint(transaction: object, work: (inner: object) => Promise<void>): Promise<void>;
  /** Writes an order by the library, as an application writes its data. */
  order(transaction: object, id: number): Promise<unknown>;
  /** What the application has while no transaction is under way. */
  readonly outside: object;
  close(): Promise<unknown>;
}

/** A library in the version that is tested. */
export interface TestedLibrary {
  /** The system on which it cannot make a savepoint by SQL. */
  readonly noSavepointsOn?: string;
  readonly name: string;
  readonly version: string;
  /** The queue in the application's process; default: `sqlBackend`. */
  readonly queue?: OpenQueue;
  /** Where it is tested; default: `newPlace`. */
  readonly place?: () => Promise<Place>;
  /** With as many connections as it may open, where it has a pool; default 10. */
  open(url: string, connections?: number): Promise<Library>;
}

type OpenQueue = (url: string, options?: SqlBackendOptions) => SqlBackend;

export const queueBeside = ({ queue }: TestedLibrary, ...place: Parameters<OpenQueue>): SqlBackend =>
  (queue ?? sqlBackend)(...place);

export const placeFor = (system: string, { place }: TestedLibrary): Promise<Place> =>
  place ? place() : newPlace(system);

export type Run = (sql: string) => Promise<unknown>;

export const insert = (id: number) => `insert into orders (id) values (${id})`;

/** Transactions on a connection on which the application begins them itself. */
export async function begunByHand<T>(run: Run, work: () => Promise<T>, begin = 'begin'): Promise<T> {
  await run(begin);
  try {
    const result = await work();
    await run('commit');
    return result;
  } catch (error) {
    await run('rollback');
    throw error;
  }
}

export async function savepointByHand(run: Run, work: () => Promise<void>): Promise<void> {
  await run('savepoint inner_one');
  try {
    await work();
    await run('release savepoint inner_one');
  } catch (error) {
    await run('rollback to savepoint inner_one');
    throw error;
  }
}

/** The version of a package that is installed here. */
export function versionOf(name: string): string {
  const file = join(__dirname, '../../node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
