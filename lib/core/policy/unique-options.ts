import { checkedDuration } from '../checks/checks';
import type { Duration } from '../checks/duration';
import { checkedOptions, type OptionNames } from '../checks/options';
import { InvalidJobOptionError, mustBe } from '../contract/errors';
import type { Seconds, UniqueKey } from '../contract/job-data';
import { isUniqueKey, UNIQUE_KEY_RULE } from '../contract/ports/unique-key';

/** The shortest throttle, and the shortest delay of a debounce: the databases count in milliseconds. */
const SHORTEST: Seconds = 0.001;

/** A job that its pipeline has only once at a time. */
export interface UniqueOptions {
  /**
   * What must not be there twice in the pipeline: 1 to 255 characters, not ending in a space, without NUL and halves of
   * surrogate pairs. Compared character by character.
   */
  readonly key: string;
  /**
   * What becomes of the job when one with the key waits already.
   *
   * - `keep`: that one stays as it is.
   * - `replace`: that one becomes the new job, with payload, delay and all other options; it keeps its id.
   * - `debounce`: likewise, and so the delay begins anew with every add, at most until `maxWait` is over.
   *
   * With `replace` and `debounce` a job that runs is left alone, and the new one is added as its successor.
   *
   * @default 'keep'
   */
  readonly onConflict?: UniqueKey['onConflict'];
  /**
   * How long a job counts: `done`, until it is deleted or buried; `start`, until a handler is started with it, so that
   * one runs at most and one waits at most.
   *
   * @default 'done'
   */
  readonly until?: UniqueKey['until'];
  /** Only with `debounce`: the most that a job waits since it was added, not less than its `delay`. @default no limit */
  readonly maxWait?: Duration;
  /**
   * Only with `keep`: for that long after the job was added no other one is, even when it has ended by then. Heeded by
   * adds that say `for` themselves.
   */
  readonly for?: Duration;
}

const UNIQUE_OPTIONS: OptionNames<UniqueOptions> = {
  key: true,
  onConflict: true,
  until: true,
  maxWait: true,
  for: true,
};

/** @throws InvalidJobOptionError */
export function checkedUnique(given: string | UniqueOptions, delay: Seconds): UniqueKey {
  if (typeof given === 'string') return { key: checkedKey(given), onConflict: 'keep', until: 'done' };
  if (typeof (given as unknown) !== 'object' || given === null)
    throw mustBe('unique', 'a key as a text, or an object with a key', given);
  const {
    key,
    onConflict = 'keep',
    until = 'done',
    ...times
  } = checkedOptions(given, UNIQUE_OPTIONS, 'unique');
  const unique = {
    key: checkedKey(key),
    onConflict: oneOf('onConflict', onConflict, ['keep', 'replace', 'debounce']),
    until: oneOf('until', until, ['done', 'start']),
  } satisfies UniqueKey;
  if (unique.onConflict === 'debounce' && delay < SHORTEST)
    throw mustBe('delay', "longer than 0 with onConflict: 'debounce', which waits for it anew", delay);
  return { ...unique, ...limits(unique, times, delay) };
}

/** @throws InvalidJobOptionError */
export function checkedKey(key: unknown): string {
  if (!isUniqueKey(key)) throw mustBe('unique', UNIQUE_KEY_RULE, key);
  return key;
}

function limits(
  { onConflict }: UniqueKey,
  { maxWait, for: time }: Pick<UniqueOptions, 'maxWait' | 'for'>,
  delay: Seconds,
): Pick<UniqueKey, 'maxWait' | 'for'> {
  if (maxWait !== undefined && onConflict !== 'debounce')
    throw new InvalidJobOptionError(
      `maxWait belongs to onConflict: 'debounce', got onConflict: '${onConflict}'`,
    );
  if (time !== undefined && onConflict !== 'keep')
    throw new InvalidJobOptionError(`for belongs to onConflict: 'keep', got onConflict: '${onConflict}'`);
  return {
    ...(maxWait !== undefined && { maxWait: checkedMaxWait(maxWait, delay) }),
    ...(time !== undefined && { for: checkedDuration('for', time, SHORTEST) }),
  };
}

function checkedMaxWait(maxWait: Duration, delay: Seconds): Seconds {
  const seconds = checkedDuration('maxWait', maxWait);
  if (seconds < delay) throw mustBe('maxWait', `not shorter than the delay, which is ${delay} s`, maxWait);
  return seconds;
}

function oneOf<T extends string>(option: string, value: T, values: readonly T[]): T {
  if (!values.includes(value)) throw mustBe(option, `one of ${values.join(', ')}`, value);
  return value;
}
