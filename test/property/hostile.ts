import fc from 'fast-check';

/**
 * Values that nobody means to give and everybody gives at some time: every type of JavaScript, and objects that throw
 * when they are looked at. Made by functions, so that a report can say which one it was.
 */
const makers: Readonly<Record<string, () => unknown>> = {
  'an object with a throwing getter': () => ({
    get delay(): never {
      throw new Error('do not look');
    },
  }),
  'a proxy that throws at everything': () => {
    const refuse = (): never => {
      throw new Error('do not touch');
    };
    return new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });
  },
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'a cycle': () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    return cycle;
  },
  'a deep object': () => {
    let deep: unknown = 'bottom';
    for (let depth = 0; depth < 20_000; depth++) deep = { deep };
    return deep;
  },
  'an object without a prototype': () => Object.create(null) as unknown,
  'an object whose toString is a number': () => ({ toString: 1 }),
  'an object whose toJSON throws': () => ({
    toJSON(): never {
      throw new Error('no JSON of mine');
    },
  }),
  'an error with a throwing stack': () =>
    Object.defineProperty(new Error('e'), 'stack', {
      get(): never {
        throw new Error('no stack of mine');
      },
    }),
  'an error that is its own cause': () => {
    const error = new Error('e');
    error.cause = error;
    return error;
  },
  'an error whose message is a symbol': () => Object.assign(new Error('e'), { message: Symbol('m') }),
  'a thenable that throws': () => ({
    get then(): never {
      throw new Error('do not await me');
    },
  }),
  'a symbol': () => Symbol('s'),
  'a function': () => () => undefined,
  'a class': () => class Given {},
  'a sparse array': () => new Array<unknown>(1),
  'an invalid Date': () => new Date(NaN),
  'a Map': () => new Map([[1, 2]]),
  'a Buffer': () => Buffer.from('abc'),
  'a bigint': () => 1n,
  'a promise': () => Promise.resolve(1),
  'a long text': () => 'x'.repeat(100_000),
};

/** A name, and what makes the value anew: fast-check itself looks at values, which some of these do not bear. */
export interface Hostile {
  readonly name: string;
  readonly make: () => unknown;
}

export const hostile: fc.Arbitrary<Hostile> = fc.oneof(
  fc.constantFrom(...Object.entries(makers)).map(([name, make]) => ({ name, make })),
  fc
    .anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true })
    .map((value) => ({ name: `anything: ${fc.stringify(value)}`, make: () => value })),
);
