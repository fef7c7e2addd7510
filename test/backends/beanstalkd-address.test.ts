import { beanstalkdBackend, parseBeanstalkdUrl } from '../../lib/beanstalkd';
import { InvalidConfigurationError } from '../../lib/core/contract/errors';

describe('the address of a beanstalkd', () => {
  it.each([
    ['beanstalkd://queue.example.org', { host: 'queue.example.org' }],
    ['beanstalkd://10.0.0.7:11301/', { host: '10.0.0.7', port: 11301 }],
    ['beanstalkd://[::1]:11300', { host: '::1', port: 11300 }],
  ])('is read from %s', (url, options) => {
    expect(parseBeanstalkdUrl(url)).toEqual(options);
  });

  it.each([
    ['queue.example.org', 'it is no URL'],
    ['beanstalkd://', 'it names no host'],
    ['redis://queue.example.org', 'it begins with "redis:"'],
    ['beanstalkd://queue.example.org:113000', 'it is no URL'],
    ['beanstalkd://me:secret@queue.example.org', 'it has a user or password'],
    ['beanstalkd://queue.example.org/mails', 'it has the path "/mails"'],
    ['beanstalkd://queue.example.org?ttr=5', 'it ends in "?ttr=5"'],
    ['beanstalkd://queue.example.org#mails', 'it ends in "#mails"'],
  ])('is not read from %s', (url, problem) => {
    expect(() => parseBeanstalkdUrl(url)).toThrow(InvalidConfigurationError);
    expect(() => parseBeanstalkdUrl(url)).toThrow(problem);
    expect(() => parseBeanstalkdUrl(url)).not.toThrow(/secret/);
  });

  it.each([{ host: '' }, { port: 0 }, { port: 65536 }, { port: 1.5 }, { timeout: 0 }, { timeout: NaN }])(
    'is not %p',
    (options) => {
      expect(() => beanstalkdBackend(options)).toThrow(InvalidConfigurationError);
    },
  );
});
