import { Looks } from '../../lib/board/looks';

/* How often a board reads a queue, whoever looks at it. */

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Something that takes so long to read; tells how often it was read. */
function costly(milliseconds: number) {
  let times = 0;
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return ++times;
  };
}

async function after<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  await jest.advanceTimersByTimeAsync(milliseconds);
  return answer;
}

it('reads each thing once for all who look meanwhile', async () => {
  const looks = new Looks();
  const [counts, names] = [costly(10), costly(10)];
  const asked = ['counts', 'counts', 'names'].map((name) =>
    looks.get(name, name === 'counts' ? counts : names),
  );
  expect(await after(10, Promise.all(asked))).toEqual([1, 1, 1]);
  expect(await after(0, looks.get('counts', counts))).toBe(1);
});

it.each([
  ['a cheap look for 200 ms', 1, 200],
  ['another for 50 times as long as its readings took together', 40, 2 * 40 * 50],
  ['the dearest for a minute', 1000, 60_000],
])('keeps %s', async (_what, milliseconds, age) => {
  const looks = new Looks();
  const [counts, names] = [costly(milliseconds), costly(milliseconds)];
  await after(milliseconds, Promise.all([looks.get('counts', counts), looks.get('names', names)]));
  await jest.advanceTimersByTimeAsync(age - milliseconds - 1);
  expect(await looks.get('counts', counts)).toBe(1);
  await jest.advanceTimersByTimeAsync(1);
  expect(await after(milliseconds, looks.get('counts', counts))).toBe(2);
});

it('lets nobody read beside a reading that takes long', async () => {
  const looks = new Looks();
  const counts = costly(60_000);
  const first = looks.get('counts', counts);
  await jest.advanceTimersByTimeAsync(59_000);
  expect(await after(1000, Promise.all([first, looks.get('counts', counts)]))).toEqual([1, 1]);
});

it('reads anew after a change, and after an error', async () => {
  const looks = new Looks();
  const counts = costly(10);
  expect(await after(10, looks.get('counts', counts))).toBe(1);
  looks.forget();
  expect(await after(10, looks.get('counts', counts))).toBe(2);

  looks.forget();
  await expect(looks.get('counts', () => Promise.reject(new Error('no answer')))).rejects.toThrow(
    'no answer',
  );
  expect(await after(10, looks.get('counts', counts))).toBe(3);
});
