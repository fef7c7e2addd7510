import { inspect } from 'node:util';
import { openBackend } from '../../lib/backends/open-backend';
import { beanstalkdBackend, type BeanstalkdOptions, parseBeanstalkdUrl } from '../../lib/beanstalkd';
import { InvalidConfigurationError } from '../../lib/core/contract/errors';

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown');
}

describe('the address of a beanstalkd', () => {
  it.each([
    ['beanstalkd://queue.example.org', { host: 'queue.example.org' }],
    ['beanstalkd://10.0.0.7:11301/', { host: '10.0.0.7', port: 11301 }],
    ['beanstalkd://[::1]:11300', { host: '::1', port: 11300 }],
    ['beanstalk://queue.example.org', { host: 'queue.example.org' }],
  ])('is read from %s', (url, options) => {
    expect(parseBeanstalkdUrl(url)).toEqual(options);
  });

  it.each([
    ['queue.example.org', 'the host or the port cannot be read'],
    ['beanstalkd://', 'it names no host'],
    ['redis://queue.example.org', 'it begins with "redis:"'],
    ['beanstalkd://queue.example.org:113000', 'the host or the port cannot be read'],
    ['beanstalkd://me:secret@queue.example.org', 'there is a user or a password'],
    ['beanstalkd://me:secret@queue.example.org:999999', 'the host or the port cannot be read'],
    ['beanstalkd://queue.example.org/secret', 'there is a path'],
    ['beanstalkd://queue.example.org?password=secret', 'there is a query'],
    ['beanstalkd://queue.example.org#secret', 'there is a fragment'],
  ])('is not read from %s, and no part of it is told', (url, problem) => {
    const error = thrownBy(() => parseBeanstalkdUrl(url));
    expect(error).toBeInstanceOf(InvalidConfigurationError);
    expect(error.message).toContain(problem);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('secret');
  });

  it('is told by an application that it begins with beanstalk, too', async () => {
    await (await openBackend('beanstalk://127.0.0.1:1')).close();
  });

  it.each<[BeanstalkdOptions, string]>([
    [{ host: '' }, 'The option host must be the name or the IP address of a beanstalkd, got "".'],
    [{ port: 0 }, 'The option port must be an integer from 1 to 65535, got 0.'],
    [{ port: 65536 }, 'got 65536.'],
    [{ port: 1.5 }, 'got 1.5.'],
    [{ timeout: 0 }, 'The option timeout must be a duration above 0 and up to 3600 s, got 0.'],
    [{ timeout: NaN }, 'got NaN.'],
    [{ timeout: '2h' }, 'got "2h".'],
    [{ timeout: '10' as never }, 'got "10".'],
  ])('is not %p', (options, message) => {
    expect(() => beanstalkdBackend(options)).toThrow(InvalidConfigurationError);
    expect(() => beanstalkdBackend(options)).toThrow(message);
  });

  it('has a timeout that may say its unit', async () => {
    const error = beanstalkdBackend({ port: 1, timeout: '2s' }).connect();
    await expect(error).rejects.toThrow('127.0.0.1:1 cannot be reached');
  });
});
