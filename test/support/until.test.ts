import { until } from './until';

describe('until', () => {
  it('answers what the condition answers at last', async () => {
    let looks = 0;
    await expect(until('three looks were taken', () => ++looks === 3 && 'yes')).resolves.toBe('yes');
  });

  it('takes 0, null and the empty string for answers', async () => {
    await expect(until('zero', () => 0)).resolves.toBe(0);
    await expect(until('null', () => null)).resolves.toBeNull();
    await expect(until('nothing', () => '')).resolves.toBe('');
  });

  it('takes a rejection for "not yet"', async () => {
    let looks = 0;
    await until('two looks were taken', async () => {
      expect(++looks).toBe(2);
      return true;
    });
    expect(looks).toBe(2);
  });

  it('says what was awaited in vain, and why', async () => {
    const refusal = new Error('connection refused');
    const vain = until('the server answers', () => Promise.reject(refusal), { within: 0.1 });
    await expect(vain).rejects.toMatchObject({
      message: 'Waited 0.1 s in vain until the server answers: connection refused',
      cause: refusal,
    });
  });
});
