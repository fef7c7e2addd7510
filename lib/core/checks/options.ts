import { InvalidJobOptionError, mustBe } from '../contract/errors';
import { nearestOf } from './nearest-name';
import { shown } from './text';

/** The names of all options of one kind. The compiler checks that none is missing. */
export type OptionNames<T> = Readonly<Record<keyof T & string, true>>;

/**
 * Copies the options that are set. Leaves out an option that is undefined, as `{ attempts: config.attempts }` may be.
 * `place` says where the options stand, for the message: `defaults`.
 *
 * @throws {InvalidJobOptionError} for an option that does not exist: misspelt, it would be ignored without a word
 */
export function checkedOptions<T extends object>(given: T, names: OptionNames<T>, place = 'options'): T {
  if (typeof (given as unknown) !== 'object' || given === null) throw mustBe(place, 'an object', given);
  try {
    return saidIn(given, names, place);
  } catch (error) {
    // Reading it may run a getter or a proxy.
    if (error instanceof InvalidJobOptionError) throw error;
    throw mustBe(place, 'an object whose properties can be read', given);
  }
}

/**
 * A copy of the options of a decorator, whose names are checked at the start of the application.
 *
 * @throws {InvalidJobOptionError} for what has no options
 */
export function copiedOptions<T extends object>(given: T, place: string): T {
  if (typeof (given as unknown) !== 'object' || given === null) throw mustBe(place, 'an object', given);
  try {
    return { ...given };
  } catch {
    throw mustBe(place, 'an object whose properties can be read', given);
  }
}

function saidIn<T extends object>(given: T, names: OptionNames<T>, place: string): T {
  for (const name in given) {
    if (!Object.hasOwn(names, name)) throw unknownOption(name, Object.keys(names), place);
  }
  const said: Record<string, unknown> = {};
  // By name: the options of a class may be accessors, which a loop over the properties does not find.
  for (const name in names) {
    const value = given[name as keyof T];
    if (value !== undefined) said[name] = value;
  }
  return said as T;
}

function unknownOption(name: string, known: readonly string[], place: string): InvalidJobOptionError {
  const nearest = nearestOf(name, known);
  const remedy = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean ${nearest}?`;
  const where = place === 'options' ? '' : ` in ${place}`;
  const what = /^[\w-]{1,60}$/.test(name) ? name : shown(name);
  return new InvalidJobOptionError(`unknown option ${what}${where}; ${remedy}`);
}
