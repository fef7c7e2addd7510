import { type Duration, secondsOf } from '../../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../../core/checks/options';
import { InvalidConfigurationError, shown } from '../../../core/contract/errors';
import type { Seconds } from '../../../core/contract/job-data';

const SCHEMES = new Set(['beanstalkd:', 'beanstalk:']);
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 11300;
const DEFAULT_TIMEOUT: Seconds = 10;
const LONGEST_TIMEOUT: Seconds = 3600;

export interface BeanstalkdOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 11300 */
  readonly port?: number;
  /**
   * How long connecting, or the reply to one command, may take before the connection counts as broken: above 0, up to an
   * hour.
   *
   * @default 10
   */
  readonly timeout?: Duration;
}

const OPTIONS: OptionNames<BeanstalkdOptions> = { host: true, port: true, timeout: true };

/** Where a beanstalkd is, and how long it may take to answer. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly timeout: Seconds;
}

/**
 * @throws {InvalidConfigurationError} for what cannot be an address
 * @throws {InvalidJobOptionError} for an option that does not exist
 */
export function addressOf(options: BeanstalkdOptions): Address {
  const {
    host = DEFAULT_HOST,
    port = DEFAULT_PORT,
    timeout = DEFAULT_TIMEOUT,
  } = checkedOptions(options, OPTIONS);
  const seconds = secondsOf(timeout) ?? 0;
  if (typeof host !== 'string' || host === '') {
    throw new InvalidConfigurationError(
      `The option host must be the name or the IP address of a beanstalkd, got ${shown(host)}.`,
    );
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new InvalidConfigurationError(
      `The option port must be an integer from 1 to 65535, got ${shown(port)}.`,
    );
  }
  if (!(seconds > 0 && seconds <= LONGEST_TIMEOUT)) {
    throw new InvalidConfigurationError(
      `The option timeout must be a duration above 0 and up to ${LONGEST_TIMEOUT} s, got ${shown(timeout)}.`,
    );
  }
  return { host, port, timeout: seconds };
}

/**
 * Reads `beanstalkd://host` or `beanstalkd://host:11300`; `beanstalk:` is the same.
 *
 * @throws {InvalidConfigurationError} for any other part: beanstalkd has no users and no databases, so a URL with one
 * expects what does not happen
 */
export function parseBeanstalkdUrl(url: string): BeanstalkdOptions {
  // A message shows only the scheme of the URL, because any other part may be a secret. Node's own error shows all of it.
  const { protocol, username, password, hostname, port, pathname, search, hash } = parsed(url);
  if (!SCHEMES.has(protocol)) throw notLikeThis(`it begins with ${shown(protocol)}`);
  if (hostname === '') throw notLikeThis('it names no host');
  if (username || password) throw notLikeThis('there is a user or a password, and beanstalkd has none');
  if (pathname !== '' && pathname !== '/') throw notLikeThis('there is a path after the host');
  if (search || hash) throw notLikeThis(`there is a ${search ? 'query' : 'fragment'} behind the host`);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return port ? { host, port: Number(port) } : { host };
}

function parsed(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw notLikeThis('the host or the port cannot be read');
  }
}

function notLikeThis(problem: string): InvalidConfigurationError {
  return new InvalidConfigurationError(
    `The URL of a beanstalkd has the form beanstalkd://host:11300; in this one, ${problem}.`,
  );
}
