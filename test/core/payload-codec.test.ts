import { jsonCodec, limitedCodec, strictCodec } from '../../lib/core/payload/payload-codec';
import { coded } from '../support/coded';

function failing(message: string): never {
  throw new RangeError(message);
}

const cycle: Record<string, unknown> = {};
cycle['self'] = { cycle };

describe('payload codec', () => {
  it.each([
    [{ to: 'ann@example.com', n: 1.5, list: [null, true, 'ü😀'] }],
    ['text'],
    [''],
    [0],
    [null],
    [[]],
    [{ nested: { deep: [{}] } }],
  ])('brings back %j', (payload) => {
    expect(jsonCodec.decode(jsonCodec.encode(payload))).toEqual(payload);
  });

  it('stores plain JSON, without an envelope', () => {
    expect(jsonCodec.encode({ to: 'ann@example.com' })).toBe('{"to":"ann@example.com"}');
  });

  it('leaves out absent properties and writes dates as JSON does', () => {
    expect(jsonCodec.encode({ a: undefined, at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
  });

  it.each([
    ['a cycle', cycle, /payload\.self\.cycle is a cycle/],
    ['a BigInt', { list: [{ n: 1n }] }, /payload\.list\[0\]\.n is a bigint/],
    ['a BigInt in a toJSON', { a: { toJSON: () => ({ n: 1n }) } }, /payload\.a\.n is a bigint/],
    ['a function', () => 1, /no function/],
    ['undefined', undefined, /no undefined/],
    ['a symbol', Symbol('s'), /no symbol/],
    ['NaN, deep inside', { a: [{ n: NaN }] }, /payload\.a\[0\]\.n is NaN/],
    ['Infinity', -Infinity, /-Infinity/],
    ['a function, deep inside', { a: { f: () => 1 } }, /payload\.a\.f is a function/],
    ['undefined in a list', [1, undefined], /payload\[1\] is undefined/],
    ['a Map', { map: new Map() }, /payload\.map is a Map/],
    ['a Set', new Set([1]), /payload is a Set/],
    ['a promise that nobody awaits', { to: Promise.resolve('ann') }, /payload\.to is a Promise/],
    ['a regular expression', [/x/], /payload\[0\] is a RegExp/],
    ['an error', new Error('late'), /payload is an Error/],
    ['a Buffer', { b: Buffer.from('abc') }, /payload\.b is a Buffer/],
    ['a DataView', new DataView(new ArrayBuffer(1)), /payload is a DataView/],
    ['a Number that is NaN', [new Number(NaN)], /payload\[0\] is a Number/],
    ['a String', new String('a'), /payload is a String/],
    ['a form', { form: new FormData() }, /payload\.form is a FormData/],
    ['a query', { q: new URLSearchParams('a=1') }, /payload\.q is a URLSearchParams/],
    ['a Blob', new Blob(['a']), /payload is a Blob/],
    ['headers', new Headers({ a: '1' }), /payload is a Headers/],
    ['a WeakMap', new WeakMap(), /payload is a WeakMap/],
    ['a WeakRef', new WeakRef({}), /payload is a WeakRef/],
    ['an iterator', new Map().values(), /payload is an object, which JSON/],
    ['NaN in a toJSON', { a: { toJSON: () => ({ n: NaN }) } }, /payload\.a\.n is NaN/],
    [
      'a toJSON that throws',
      { a: { toJSON: () => failing('secret') } },
      /payload\.a is an object whose toJSON\(\) throws \(RangeError\)/,
    ],
    [
      'a getter that throws',
      Object.defineProperty({}, 'a', { enumerable: true, get: () => failing('secret') }),
      /payload cannot be read \(RangeError\)/,
    ],
    ['a key of many letters', { ['k'.repeat(1000)]: NaN }, /payload\["k{50,60}…?\] is NaN/],
    ['bytes', { file: new Uint8Array(2) }, /payload\.file is a Uint8Array/],
    ['an ArrayBuffer', new ArrayBuffer(2), /payload is an ArrayBuffer/],
    ['an invalid Date', { at: new Date('never') }, /payload\.at is an invalid Date/],
  ])('refuses %s and says where', (_name, payload, message) => {
    expect(() => jsonCodec.encode(payload)).toThrow(
      coded('INVALID_PAYLOAD', { message: expect.stringMatching(message) as string }),
    );
  });

  it('refuses what nests deeper than the stack', () => {
    let deep: unknown = 0;
    for (let level = 0; level < 200_000; level += 1) deep = [deep];
    expect(() => jsonCodec.encode(deep)).toThrow(coded('INVALID_PAYLOAD'));
  });

  it('tells a text that is no JSON', () => {
    expect(() => jsonCodec.decode('{"to":')).toThrow(coded('UNDECODABLE_PAYLOAD'));
  });

  it('of an application has its faults told as ours', () => {
    const failing = strictCodec({
      encode: () => Promise.resolve('late') as unknown as string,
      decode: () => {
        throw new RangeError('no such version');
      },
    });
    expect(() => failing.encode({})).toThrow(
      coded('INVALID_PAYLOAD', {
        message: expect.stringContaining('returned a Promise in place of a text') as string,
      }),
    );
    expect(() => failing.decode('')).toThrow(
      coded('UNDECODABLE_PAYLOAD', { message: expect.stringMatching(/failed with RangeError\.$/) as string }),
    );
    const throwing = strictCodec({ ...failing, encode: (payload) => (payload as () => string)() });
    expect(() => throwing.encode(1)).toThrow(coded('INVALID_PAYLOAD', { cause: expect.any(Error) as Error }));
  });

  it('counts bytes, not letters, against the limit', () => {
    const codec = limitedCodec(jsonCodec, 6);
    expect(codec.encode('äö')).toBe('"äö"');
    expect(() => codec.encode('äöü')).toThrow(coded('PAYLOAD_TOO_LARGE', { bytes: 8, limit: 6 }));
  });
});
