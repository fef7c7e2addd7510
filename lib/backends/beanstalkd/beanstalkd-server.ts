import { constants } from 'node:buffer';
import { BackendClosedError, UnsupportedServerError, shown } from '../../core/contract/errors';
import type { Address } from './connection/address';
import { BeanstalkdConnection } from './connection/beanstalkd-connection';
import { Lapses } from './lapses';
import { Stats } from './stats';

/** 1.10 fails on names of 200 bytes, and then on every list of pipelines. */
const OLDEST_VERSION = [1, 11] as const;

const LONGEST_BODY_AT_LEAST = 64 * 1024 * 1024;

/**
 * The server for everything but reserving: one connection for all callers, replaced when it breaks. Commands of
 * different callers are pipelined on it.
 */
export class BeanstalkdServer {
  /** The largest payload in bytes; known after the first connection. */
  maxJobSize = Infinity;
  readonly lapses = new Lapses();
  private connected = false;
  private current: BeanstalkdConnection | undefined;
  private opening: Promise<BeanstalkdConnection> | undefined;

  constructor(private readonly address: Address) {}

  async connect(): Promise<void> {
    if (this.connected) return;
    await this.reconnect();
    this.connected = true;
  }

  /** The shared connection, alive as far as is known. */
  async connection(): Promise<BeanstalkdConnection> {
    this.refuseWhenClosed();
    return !this.opening && this.current?.alive ? this.current : this.reconnect();
  }

  /** A connection for one caller alone. */
  async dial(): Promise<BeanstalkdConnection> {
    this.refuseWhenClosed();
    return BeanstalkdConnection.open(this.address, this.longestBody);
  }

  async close(): Promise<void> {
    this.connected = false;
    await this.opening?.catch(() => undefined);
    await this.current?.close();
  }

  /** Statistics and lists have bodies too, and a server may hold jobs from a time when its limit was larger. */
  private get longestBody(): number {
    const largestJob = Number.isFinite(this.maxJobSize) ? this.maxJobSize : 0;
    return Math.min(Math.max(largestJob, LONGEST_BODY_AT_LEAST), constants.MAX_STRING_LENGTH);
  }

  private reconnect(): Promise<BeanstalkdConnection> {
    this.opening ??= this.open().finally(() => (this.opening = undefined));
    return this.opening;
  }

  private async open(): Promise<BeanstalkdConnection> {
    const connection = await BeanstalkdConnection.open(this.address, this.longestBody);
    this.current = connection;
    const { word, done, body } = await connection.send('stats');
    const stats = new Stats(body);
    if (!done || !isSupported(stats.text('version'))) {
      await connection.close();
      const found = done ? `beanstalkd ${stats.text('version')}` : `What answers ${shown(word)}`;
      throw new UnsupportedServerError(
        `${found} on ${connection.server}`,
        `beanstalkd ${OLDEST_VERSION.join('.')} or later`,
      );
    }
    this.maxJobSize = stats.number('max-job-size');
    return connection;
  }

  private refuseWhenClosed(): void {
    if (!this.connected) throw new BackendClosedError('beanstalkd');
  }
}

/** A version that is not a number (a server built from its sources) counts as recent. */
function isSupported(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  if (major === undefined) return true;
  return Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
}
