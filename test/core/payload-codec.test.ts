import { jsonCodec, limitedCodec, strictCodec } from '../../lib/core/payload/payload-codec';
import { coded } from '../support/coded';

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
    ['a cycle', cycle, /circular/i],
    ['a BigInt', { n: 1n }, /BigInt/],
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
    ['an error', new Error('late'), /payload is a Error/],
    ['bytes', { file: new Uint8Array(2) }, /payload\.file is a Uint8Array/],
    ['an ArrayBuffer', new ArrayBuffer(2), /payload is a ArrayBuffer/],
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
      coded('INVALID_PAYLOAD', { message: expect.stringContaining('answered a Promise') as string }),
    );
    expect(() => failing.decode('')).toThrow(
      coded('UNDECODABLE_PAYLOAD', { message: expect.stringContaining('no such version') as string }),
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
