import { Socket } from 'node:net';
import type { Client } from 'fivebeans';
import { MissingDriverError } from '../../../core/contract/errors';

/** A fivebeans client with its socket, about to connect; the package is loaded only now. */
export async function connectFivebeans<T>(
  host: string,
  port: number,
): Promise<{ client: Client<T>; socket: Socket }> {
  const { client: FivebeansClient } = await import('fivebeans').catch(explainAbsence);
  const client = new FivebeansClient<T>(host, port);
  client.connect();
  if (!(client.stream instanceof Socket)) throw new Error('fivebeans has made no socket');
  return { client, socket: client.stream };
}

function explainAbsence(cause: unknown): never {
  const { code } = cause as NodeJS.ErrnoException;
  // The first from import(), the second from require().
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    throw new MissingDriverError('fivebeans', 'beanstalkd', { cause });
  }
  throw cause;
}
