import { shown } from '../../../core/checks/text';
import { InvalidJobOptionError } from '../../../core/contract/errors';
import { driverErrorOf } from '../connection/driver-error';
import type { SqlSession } from '../connection/executor';
import type { SqlDialect } from '../engine/dialect';
import type { Handle } from '../handles/handle';
import { HandleSession } from '../handles/handle-session';
import { ownedBehind } from '../handles/lent-handle';
import { handleOf } from '../handles/libraries';
import { afterCommit, isTypeOrms, runnerOf } from './caller-transaction';

/** A transaction of the application's: where statements go, and how its commit is heard of. */
export interface Caller {
  readonly session: SqlSession;
  /** Missing where the library does not tell. */
  readonly whenCommitted?: (callback: () => void) => void;
  /** Asks the server; rejects with `InvalidJobOptionError` when it is not under way, or in another database. */
  readonly check?: () => Promise<void>;
}

const RULE =
  'give what the library hands out for a transaction, while that is under way in the queue’s database, or the connection on which you have begun one';

/** @throws {InvalidJobOptionError} for what is no transaction, one that has ended, and one of another database */
export async function callerOf(
  transaction: unknown,
  dialect: SqlDialect,
  dataSourceTypes: readonly string[],
): Promise<Caller> {
  const caller = await knownCaller(ownedBehind(transaction), dialect, dataSourceTypes);
  await caller.check?.();
  return caller;
}

/** As `callerOf`, as far as the library itself tells. */
export async function knownCaller(
  transaction: unknown,
  dialect: SqlDialect,
  dataSourceTypes: readonly string[],
): Promise<Caller> {
  const { callers } = dialect;
  if (isTypeOrms(transaction)) {
    const runner = runnerOf(transaction, dataSourceTypes);
    return {
      session: await dialect.session(runner),
      whenCommitted: (callback) => afterCommit(runner, callback),
    };
  }
  const handle = handleOf(transaction, callers.drivers);
  if (!handle) throw refused(`${shown(transaction)}, which is none of a known library`);
  if (!handle.underWay) throw refused(`of ${handle.library} and not under way`);
  const session = new HandleSession(handle, callers.binding);
  return {
    session,
    check: async () => {
      const problem = await problemOf(handle, session, dialect, transaction as object);
      if (problem !== undefined) throw refused(`of ${handle.library} and ${problem}`);
    },
  };
}

async function problemOf(
  handle: Handle,
  session: HandleSession,
  dialect: SqlDialect,
  given: object,
): Promise<string | undefined> {
  try {
    return await dialect.callers.problemOf(session, handle, given);
  } catch (error) {
    const { code, message } = driverErrorOf(error);
    // Only what a database or a network says has a code.
    if (code === undefined) return `refused by it: ${message}`;
    throw dialect.faults.reported(error);
  }
}

function refused(what: string): InvalidJobOptionError {
  return new InvalidJobOptionError(`transaction is ${what}: ${RULE}`);
}
