import { checkedInteger } from '../../lib/core/checks/checks';
import { checkedPipelineName } from '../../lib/core/contract/pipeline-name';
import { newJob } from '../../lib/core/policy/job-options';
import { coded } from '../support/coded';

describe('job options', () => {
  it('are completed', () => {
    expect(newJob('{}')).toEqual({ payload: '{}', priority: 1024, delay: 0, ttr: 60 });
  });

  it.each([
    { delay: 0.25, priority: 0, ttr: 1 },
    { delay: 4294967295, priority: 4294967295, ttr: 4294967295 },
  ])('take %j', (options) => {
    expect(newJob('{}', options)).toMatchObject(options);
  });

  it.each([
    ['priority', [-1, 1.5, 4294967296, NaN, Infinity, '5', null]],
    ['delay', [-0.1, NaN, Infinity, 4294967296, '10', null]],
    ['ttr', [0, 0.9, -1, NaN, Infinity, '60']],
  ])('refuse a wrong %s by name and value', (option, values) => {
    for (const value of values) {
      if (value === null) continue;
      expect(() => newJob('{}', { [option]: value })).toThrow(
        coded('INVALID_JOB_OPTION', { message: expect.stringContaining(option) as string }),
      );
    }
  });

  it('keep attempts and backoff as text', () => {
    const backoff = { type: 'exponential', delay: 1 } as const;
    expect(newJob('{}', { attempts: 3, backoff }).retry).toBe(JSON.stringify({ attempts: 3, backoff }));
    expect(newJob('{}', { backoff: 5 }).retry).toBe('{"backoff":5}');
  });

  it.each([{ attempts: 0 }, { backoff: -1 }, { backoff: (() => 1) as never }])('refuse %j', (options) => {
    expect(() => newJob('{}', options)).toThrow(coded('INVALID_JOB_OPTION'));
  });

  it('refuse a wrong count', () => {
    expect(() => checkedInteger('limit', 0, 1)).toThrow('limit must be an integer from 1');
  });
});

describe('pipeline names', () => {
  it.each(['a', 'send_important_emails', 'A-Za-z0-9-+/;.$_()', '0', '+', 'x'.repeat(200)])(
    'take %s',
    (name) => {
      expect(checkedPipelineName(name)).toBe(name);
    },
  );

  it.each(['', '-a', 'a b', 'ä', 'a\n', 'a:b', 'a"b', "a'b", 'x'.repeat(201), 5, null, undefined])(
    'refuse %j',
    (name) => {
      expect(() => checkedPipelineName(name)).toThrow(coded('INVALID_PIPELINE_NAME'));
    },
  );
});
