import { jsonCodec, limitedCodec } from '../../lib/core/payload-codec';
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

  it('counts bytes, not letters, against the limit', () => {
    const codec = limitedCodec(jsonCodec, 6);
    expect(codec.encode('äö')).toBe('"äö"');
    expect(() => codec.encode('äöü')).toThrow(coded('PAYLOAD_TOO_LARGE', { bytes: 8, limit: 6 }));
  });
});
