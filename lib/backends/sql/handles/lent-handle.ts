import { InvalidJobOptionError } from '../../../core/contract/errors';

/** What a handler writes by, for as long as its transaction lasts. */
export interface LentHandle {
  readonly handle: object;
  /** From now on nothing can be done with it. */
  readonly takeBack: () => void;
}

interface Loan {
  readonly owned: object;
  over: boolean;
}

const loans = new WeakMap<object, Loan>();

/**
 * The library's own handle, behind a door that can be shut: of a transaction that has ended some libraries lend the
 * connection to the next one, and a handler that goes on would write in that.
 */
export function lendHandle(owned: object): LentHandle {
  const loan: Loan = { owned, over: false };
  const handle: object = new Proxy(owned, {
    get(target, name): unknown {
      // Printing and awaiting look at an object, too.
      if (typeof name === 'string' && name !== 'then') refuseAfter(loan);
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === 'constructor') return value;
      // Its methods know the handle itself: private fields are not there in another object.
      return new Proxy(value, {
        apply: (method: (...values: unknown[]) => unknown, self: unknown, values: unknown[]): unknown =>
          Reflect.apply(method, self === handle ? target : self, values),
      });
    },
    apply(target, self: unknown, values: unknown[]): unknown {
      refuseAfter(loan);
      return Reflect.apply(target as (...all: unknown[]) => unknown, self, values);
    },
  });
  loans.set(handle, loan);
  return { handle, takeBack: () => void (loan.over = true) };
}

/**
 * The handle itself, where it was lent; anything else as it is.
 *
 * @throws {InvalidJobOptionError} for one that was taken back
 */
export function ownedBehind(given: unknown): unknown {
  const loan =
    typeof given === 'object' || typeof given === 'function' ? loans.get(given as object) : undefined;
  if (!loan) return given;
  refuseAfter(loan);
  return loan.owned;
}

function refuseAfter({ over }: Loan): void {
  if (!over) return;
  throw new InvalidJobOptionError(
    'transaction is used after it has ended: it was rolled back, or has committed; heed job.signal, and await everything in the handler',
  );
}
