import type { NewRow } from '../../lib/backends/sql/engine/dialect';
import { PutBatcher } from '../../lib/backends/sql/puts/put-batcher';
import { pieces, sizeOf } from '../../lib/backends/sql/puts/put-pieces';
import { BackendRefusedError, BackendUnavailableError } from '../../lib/core/contract/errors';
import { until } from '../support/until';

const row = (payload: string): NewRow => ({ pipeline: 'mail', payload, priority: 0, delay: 0, ttr: 60 });
const rows = (...payloads: string[]) => payloads.map(row);

interface Statement {
  readonly payloads: string[];
  resolve(): void;
  reject(error: unknown): void;
}

/** A batcher whose statements end when the test says so; the ids are the payloads. */
function heldBatcher(limits = { rows: 1000, size: 4_000_000 }, nameOf?: (row: NewRow) => string | undefined) {
  const statements: Statement[] = [];
  const batcher = new PutBatcher<string>(
    (sent) =>
      new Promise((resolve, reject) => {
        const payloads = sent.map(({ payload }) => payload);
        statements.push({ payloads, resolve: () => resolve(payloads), reject });
      }),
    limits,
    'sqlite',
    nameOf,
  );
  const statement = (index: number) => until(`statement ${index} is sent`, () => statements[index]);
  return { batcher, statements, statement };
}

/** A batcher on a store that answers at once. */
function batcherOn(store: (payloads: string[]) => string[]) {
  const sent: string[][] = [];
  const batcher = new PutBatcher(
    async (each) => {
      const payloads = each.map(({ payload }) => payload);
      sent.push(payloads);
      return store(payloads);
    },
    { rows: 1000, size: 4_000_000 },
    'sqlite',
  );
  return { batcher, sent };
}

describe('the put batcher', () => {
  it('sends the calls of one tick together, and gives each its own ids', async () => {
    const { batcher, sent } = batcherOn((payloads) => payloads);
    const calls = [['a'], ['b', 'c'], [], ['d']].map((payloads) => batcher.put(rows(...payloads)));
    expect(await Promise.all(calls)).toEqual([['a'], ['b', 'c'], [], ['d']]);
    expect(sent).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('keeps together what comes while a statement is under way', async () => {
    const { batcher, statement } = heldBatcher();
    const first = batcher.put(rows('a'));
    const sent = await statement(0);
    const others = [batcher.put(rows('b')), batcher.put(rows('c'))];
    sent.resolve();
    await first;
    const second = await statement(1);
    expect(second.payloads).toEqual(['b', 'c']);
    second.resolve();
    expect(await Promise.all(others)).toEqual([['b'], ['c']]);
  });

  it.each([
    ['rows', { rows: 3, size: 4_000_000 }, 'x'],
    ['size', { rows: 1000, size: 3 * sizeOf(row('x'.repeat(500))) }, 'x'.repeat(500)],
  ])('sends no more %s together than one statement takes', async (_what, limits, payload) => {
    const { batcher, statement } = heldBatcher(limits);
    const calls = Array.from({ length: 7 }, () => batcher.put(rows(payload)));
    for (const [index, length] of [3, 3, 1].entries()) {
      const sent = await statement(index);
      expect(sent.payloads).toHaveLength(length);
      sent.resolve();
    }
    await Promise.all(calls);
  });

  it('sends a second statement beside a large one, and a third when one of them has ended', async () => {
    const { batcher, statements, statement } = heldBatcher();
    const large = batcher.put(rows('x'.repeat(1_000_000)));
    const first = await statement(0);
    const small = batcher.put(rows('b'));
    const second = await statement(1);
    expect(second.payloads).toEqual(['b']);
    const third = batcher.put(rows('c'));
    second.resolve();
    expect(await small).toEqual(['b']);
    (await statement(2)).resolve();
    expect(await third).toEqual(['c']);
    first.resolve();
    await large;
    expect(statements).toHaveLength(3);
  });

  it('sends a second statement beside one whose answer does not come', async () => {
    const { batcher, statement } = heldBatcher();
    const hanging = batcher.put(rows('a'));
    const first = await statement(0);
    const call = batcher.put(rows('b'));
    (await statement(1)).resolve();
    expect(await call).toEqual(['b']);
    first.reject(new BackendUnavailableError('sqlite', 'no answer'));
    await expect(hanging).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    const next = batcher.put(rows('c'));
    (await statement(2)).resolve();
    expect(await next).toEqual(['c']);
  });

  it('sends nothing that would wait for a statement under way, and passes over it', async () => {
    const { batcher, statements, statement } = heldBatcher(undefined, ({ payload }) => payload[0]);
    const first = batcher.put(rows('a1'));
    const slow = await statement(0);
    const waiting = [batcher.put(rows('b1', 'a2')), batcher.put(rows('a3'))];
    const free = batcher.put(rows('b2'));
    (await statement(1)).resolve();
    expect(await free).toEqual(['b2']);
    expect(statements.map(({ payloads }) => payloads)).toEqual([['a1'], ['b2']]);
    slow.resolve();
    expect(await first).toEqual(['a1']);
    const last = await statement(2);
    expect(last.payloads).toEqual(['b1', 'a2', 'a3']);
    last.resolve();
    expect(await Promise.all(waiting)).toEqual([['b1', 'a2'], ['a3']]);
  });

  it('fails only the call whose row is refused, in few statements', async () => {
    const { batcher, sent } = batcherOn((payloads) => {
      if (payloads.includes('bad')) throw new BackendRefusedError('sqlite', 'bad');
      return payloads;
    });
    const payloads = Array.from({ length: 500 }, (_, index) => (index === 321 ? 'bad' : `${index}`));
    const calls = await Promise.allSettled(payloads.map((payload) => batcher.put(rows(payload))));
    const refused = calls.flatMap(({ status }, index) => (status === 'rejected' ? [payloads[index]] : []));
    expect(refused).toEqual(['bad']);
    expect(sent.length).toBeLessThan(25);
  });

  it('fails all calls of a statement that found no server, and sends it once: it may be stored', async () => {
    const { batcher, sent } = batcherOn(() => {
      throw new BackendUnavailableError('sqlite', 'gone');
    });
    const calls = await Promise.allSettled([batcher.put(rows('a')), batcher.put(rows('b'))]);
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(sent).toHaveLength(1);
  });

  it('gives nobody the id of another job when the database drops a row', async () => {
    const { batcher, sent } = batcherOn((payloads) => payloads.slice(1));
    const calls = await Promise.allSettled([batcher.put(rows('a')), batcher.put(rows('b'))]);
    for (const call of calls) {
      expect(call).toMatchObject({ reason: { code: 'BACKEND_REFUSED', message: /stored 1 of 2 jobs/ } });
    }
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['a hole in a list', () => [...rows('a'), undefined as never]],
    ['a row without a payload', () => [{ ...row('a'), payload: undefined as never }]],
    [
      'a payload whose getter throws',
      () => [
        Object.defineProperty({ ...row('a') }, 'payload', {
          get: () => {
            throw new Error('no');
          },
        }),
      ],
    ],
  ])('goes on after %s', async (_what, broken) => {
    const { batcher } = batcherOn((payloads) => payloads);
    const [refused, beside] = await Promise.allSettled([batcher.put(broken()), batcher.put(rows('b'))]);
    expect(refused.status).toBe('rejected');
    expect(beside).toEqual({ status: 'fulfilled', value: ['b'] });
    expect(await batcher.put(rows('c'))).toEqual(['c']);
  });
});

describe('the pieces of a put', () => {
  it('are as large as a statement takes, and a row that fits in none is alone', () => {
    const size = 3 * sizeOf(row('x'));
    const all = rows('x', 'x', 'y'.repeat(5000), 'x', 'x', 'x', 'x');
    const lengths = Array.from(pieces(all, { rows: 1000, size }), (piece) => piece.length);
    expect(lengths).toEqual([2, 1, 3, 1]);
    expect(Array.from(pieces(all, { rows: 2, size: 1_000_000 }), (piece) => piece.length)).toEqual([
      2, 2, 2, 1,
    ]);
    expect(Array.from(pieces([], { rows: 2, size }))).toEqual([]);
  });
});
