import { checkedContext, type JobContext, TravellingContext } from '../../lib/core/context/job-context';
import { coded } from '../support/coded';

const passing: JobContext = { capture: () => 'blue', run: (_, next) => next() };
const travelling = (own: Partial<JobContext>): TravellingContext =>
  new TravellingContext({ ...passing, ...own });
const job = { headers: '{"context":"blue"}' };

function capturing(value: unknown): string | undefined {
  return travelling({ capture: () => value }).captured();
}

describe('what is captured', () => {
  it.each([
    ['blue', '{"context":"blue"}'],
    [null, '{"context":null}'],
    [{ tenant: 'blue', at: new Date(0) }, '{"context":{"tenant":"blue","at":"1970-01-01T00:00:00.000Z"}}'],
    [undefined, undefined],
  ])('%j becomes the headers %j', (value, headers) => expect(capturing(value)).toBe(headers));

  it.each([
    ['a promise', Promise.resolve('secret'), 'is a Promise'],
    ['a Map', { roles: new Map([['secret', 1]]) }, 'capture() returned.roles is a Map'],
    ['a bigint', 12n, 'is a bigint'],
    ['a function', () => 'secret', 'JSON has no function'],
    ['what is long', 'ü'.repeat(4096), 'has 8194 bytes, and 8192 are allowed'],
    [
      'a cycle',
      (() => {
        const one: Record<string, unknown> = {};
        return (one['self'] = one);
      })(),
      'is a cycle',
    ],
    [
      'a getter that throws',
      {
        get secret(): never {
          throw new Error('secret');
        },
      },
      '(Error)',
    ],
  ])('refuses %s', (_, value, problem) => {
    const error = expect(() => capturing(value));
    error.toThrow(coded('INVALID_CONTEXT', { message: expect.stringContaining(problem) }));
  });

  it('is nothing when capture throws, and shows nothing of its message', () => {
    const cause = new TypeError('secret');
    const capture = (): never => {
      throw cause;
    };
    const captured = () => travelling({ capture }).captured();
    expect(captured).toThrow(coded('INVALID_CONTEXT', { cause }));
    expect(captured).not.toThrow(/secret/);
  });
});

describe('a context around a handler', () => {
  it('gets what was captured, and the job what the handler returns', async () => {
    const seen: unknown[] = [];
    const run: JobContext['run'] = (value, next) => {
      seen.push(value);
      void next();
    };
    expect(await travelling({ run }).around(job, async () => false)).toBe(false);
    expect(seen).toEqual(['blue']);
  });

  it.each([[{}], [{ headers: 'no JSON' }], [{ headers: '7' }], [{ headers: '{"schedule":"x"}' }]])(
    'is undefined for a job with %j',
    async (headed) => {
      const seen: unknown[] = [];
      const run: JobContext['run'] = (value, next) => {
        seen.push(value);
        return next();
      };
      await travelling({ run }).around(headed, () => undefined);
      expect(seen).toEqual([undefined]);
    },
  );

  it('may be prepared before the handler begins', async () => {
    const run: JobContext['run'] = async (_, next) => {
      await new Promise(setImmediate);
      return next();
    };
    expect(await travelling({ run }).around(job, () => 7)).toBe(7);
  });

  it('runs the handler once, however often it calls next', async () => {
    let runs = 0;
    const run: JobContext['run'] = (_, next) => Promise.all([next(), next()]);
    await travelling({ run }).around(job, () => (runs += 1));
    expect(runs).toBe(1);
  });

  it('cannot hide that the handler has failed', async () => {
    const run: JobContext['run'] = async (_, next) => {
      await Promise.resolve(next()).catch(() => 'hidden');
    };
    const failing = () => Promise.reject(new Error('no mail'));
    await expect(travelling({ run }).around(job, failing)).rejects.toThrow('no mail');
  });

  it('fails with run, after the handler has ended', async () => {
    let ended = false;
    const run: JobContext['run'] = (_, next) => {
      void next();
      throw new Error('no tenant');
    };
    const work = async () => {
      await new Promise(setImmediate);
      ended = true;
    };
    await expect(travelling({ run }).around(job, work)).rejects.toThrow('no tenant');
    expect(ended).toBe(true);
  });

  it('is an error without a call of next, then and later', async () => {
    let late: (() => unknown) | undefined;
    let runs = 0;
    const run: JobContext['run'] = (_, next) => void (late = next);
    const around = travelling({ run }).around(job, () => (runs += 1));
    await expect(around).rejects.toThrow(coded('INVALID_CONTEXT'));
    expect(late).toThrow(coded('INVALID_CONTEXT'));
    expect(runs).toBe(0);
  });
});

it.each<[unknown, string]>([
  [7, 'context must be an object, got 7'],
  [{ capture: () => 1 }, 'context.run must be a function, got undefined'],
  [{ capture: 1, run: () => 1 }, 'context.capture must be a function, got 1'],
  [{ ...passing, restore: () => 1 }, 'unknown option restore in context'],
])('refuses %j as the option', (given, message) => {
  const check = () => checkedContext(given as never);
  expect(check).toThrow(coded('INVALID_JOB_OPTION', { message: expect.stringContaining(message) }));
});

it('calls the methods of the object that it was given', () => {
  class Tenants implements JobContext<string> {
    readonly #tenant = 'blue';

    capture(): string {
      return this.#tenant;
    }

    run(_: string | undefined, next: () => unknown): unknown {
      return next();
    }
  }
  expect(checkedContext(new Tenants())?.captured()).toBe('{"context":"blue"}');
});
