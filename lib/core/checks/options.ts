import { InvalidJobOptionError, mustBe } from '../contract/errors';
import { nearestOf } from './nearest-name';
import { shown } from './text';

/** The names of all options of one kind; the compiler sees to it that none is forgotten. */
export type OptionNames<T> = Readonly<Record<keyof T & string, true>>;

/**
 * The options that are said, in an object of their own. One that does not exist is refused: spelt wrong, it would be
 * left out in silence. One that is undefined, as `{ attempts: config.attempts }` may be, says nothing. `place` tells
 * where they stand: `defaults`.
 *
 * @throws InvalidJobOptionError
 */
export function checkedOptions<T extends object>(given: T, names: OptionNames<T>, place = 'options'): T {
  if (typeof (given as unknown) !== 'object' || given === null) throw mustBe(place, 'an object', given);
  try {
    return saidIn(given, names, place);
  } catch (error) {
    // Reading it runs whatever stands behind a getter or a proxy.
    if (error instanceof InvalidJobOptionError) throw error;
    throw mustBe(place, 'an object whose properties can be read', given);
  }
}

function saidIn<T extends object>(given: T, names: OptionNames<T>, place: string): T {
  for (const name in given) {
    if (!Object.hasOwn(names, name)) throw unknownOption(name, Object.keys(names), place);
  }
  const said: Record<string, unknown> = {};
  // By name, since the options of a class may be accessors, which no loop finds.
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
