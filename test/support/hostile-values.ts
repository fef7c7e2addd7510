/* Values that break code which only means to describe them. */

const SECRET = 'pa55word';

function failing(): never {
  throw new RangeError(SECRET);
}

function withGetter(name: string, base: object = {}): object {
  return Object.defineProperty(base, name, { enumerable: true, get: failing });
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function cyclicCause(): Error {
  const error = new Error('a');
  error.cause = error;
  return error;
}

const trap = new Proxy({}, { get: failing, has: failing, ownKeys: failing, getPrototypeOf: failing });

/** By name. None of them is an option, a name, a job, a pipeline or a number of seconds. */
export const HOSTILE_VALUES: Readonly<Record<string, unknown>> = {
  'a null prototype': Object.create(null) as unknown,
  'a toString that is none': JSON.parse('{"toString":1,"valueOf":2,"toJSON":3}') as unknown,
  'a toString that throws': { toString: failing, [Symbol.toPrimitive]: failing },
  'a proxy whose traps throw': trap,
  'a revoked proxy': revoked({}),
  'a revoked list': revoked([]),
  'a symbol': Symbol(SECRET.repeat(3)),
  'a bigint': 2n ** 70n,
  'a huge bigint': 1n << 1_000_000n,
  'an error with a cyclic cause': cyclicCause(),
  'an error whose stack throws': withGetter('stack', new Error('a')),
  'an error whose message throws': withGetter('message', new Error('a')),
  'an error whose name is no text': Object.assign(new Error('a'), { name: 5 }),
  'an error whose stack is no text': Object.assign(new Error('a'), { stack: ['a'] }),
  'a constructor that throws': Object.create(withGetter('constructor')) as unknown,
  'a tag that throws': withGetter(Symbol.toStringTag.description!, { [Symbol.toStringTag]: 5 }),
  'a then that throws': withGetter('then'),
  'a function': failing,
  'a class': class Hostile {},
  NaN: NaN,
  'a long text': `${'x'.repeat(5_000_000)}\n`,
  'half a letter': '\ud83d',
  'an empty list': [],
  'a list with a hole': new Array(1),
  null: null,
};

export { SECRET };
