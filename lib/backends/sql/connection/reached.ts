import type { Database } from '../open/database';
import type { Connection, ConnectionPool } from './connections';

const ADVICE = {
  unavailable: 'Start the server, or correct host and port in the URL.',
  refused: 'Correct user, password or database in the URL.',
};

/** Connects for the first time, so that a wrong URL shows here. */
export async function reached<D extends Database>(pool: ConnectionPool<Connection>, database: D): Promise<D> {
  try {
    const connection = await pool.acquire();
    connection.release();
    return database;
  } catch (error) {
    await database.close();
    throw database.dialect.faults.reported(error, ADVICE);
  }
}
