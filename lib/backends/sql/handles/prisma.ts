import { read } from '../../../core/checks/text';
import { InvalidJobOptionError } from '../../../core/contract/errors';
import { type Handle, methodOf } from './handle';

/** The client that `prisma.$transaction(async (tx) => …)` hands over; only the client itself can connect. */
export function prisma(given: unknown): Handle | undefined {
  const query = methodOf(given, '$queryRawUnsafe');
  const execute = methodOf(given, '$executeRawUnsafe');
  if (!query || !execute) return undefined;
  return {
    library: 'Prisma',
    underWay: typeof read(given, '$connect') !== 'function',
    ask: async (sql, values, yieldsRows) => {
      try {
        return await (yieldsRows ? query : execute)(sql, ...values);
      } catch (error) {
        throw driverErrorOf(error);
      }
    },
  };
}

const TRANSACTION_ENDED = 'P2028';

/** What the database has said, from beneath Prisma's own code for every raw query that fails. */
function driverErrorOf(error: unknown): unknown {
  const cause = read(read(read(error, 'meta'), 'driverAdapterError'), 'cause');
  const message = read(cause, 'originalMessage');
  if (typeof message !== 'string') return ownErrorOf(error);
  const code = read(cause, 'originalCode');
  return Object.assign(new Error(message), { code, errno: Number(code) });
}

/** Prisma has refused it before the database was asked. */
function ownErrorOf(error: unknown): unknown {
  const message = read(error, 'message');
  if (read(error, 'code') !== TRANSACTION_ENDED || typeof message !== 'string') return error;
  return new InvalidJobOptionError(`transaction of Prisma: ${message.trimEnd().split('\n').at(-1)}`);
}
