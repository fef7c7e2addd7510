import { BackendUnavailableError } from '../../../../core/contract/errors';
import { driverErrorOf } from '../../connection/driver-error';
import type { SqlSession } from '../../connection/executor';

/** What MariaDB says of named locks while it is a node of Galera, some versions of it. */
const NOT_SUPPORTED = 1235;

/** DDL commits by itself here, so that a named lock of the session stands in for a transaction. */
export async function withNamedLock(
  db: SqlSession,
  name: string,
  work: (db: SqlSession) => Promise<void>,
): Promise<void> {
  const locked = await lock(db, name);
  try {
    await work(db);
  } finally {
    // A broken connection has let go of it; what the work has thrown is what counts.
    if (locked) await db.rows('select release_lock(?)', [name]).catch(() => undefined);
  }
}

async function lock(db: SqlSession, name: string): Promise<boolean> {
  try {
    const [answer] = await db.rows<{ got: number | string | null }>('select get_lock(?, 60) as got', [name]);
    if (Number(answer?.got) === 1) return true;
  } catch (error) {
    // DDL takes turns in a cluster, and what another node has done already is taken for done.
    if (driverErrorOf(error).errno === NOT_SUPPORTED) return false;
    throw error;
  }
  throw new BackendUnavailableError(
    'mysql',
    'another process has been making the tables for a minute. Start again when it has ended; SHOW PROCESSLIST has it.',
  );
}
