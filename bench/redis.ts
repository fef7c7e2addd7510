import { connect } from 'node:net';
import { join } from 'node:path';
import { installMissing } from '../test/support/servers/debian-package';
import { freePort } from '../test/support/servers/free-port';
import { folderOf, isInstalled } from '../test/support/servers/installed-program';
import { PrivateFolder } from '../test/support/servers/private-folder';
import { PrivateServer } from '../test/support/servers/private-server';

/** A private Redis that writes every change to its log; for one of the peers. */
export async function startRedis(appendfsync: 'everysec' | 'always'): Promise<PrivateServer> {
  installMissing([{ name: 'redis-server', isInstalled: () => isInstalled('redis-server') }]);
  const folder = await PrivateFolder.create('redis');
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  return PrivateServer.start({
    name: `Redis (appendfsync ${appendfsync})`,
    url,
    port,
    folder,
    command: {
      file: join(folderOf('redis-server') ?? '', 'redis-server'),
      args: [
        ['--bind', '127.0.0.1'],
        ['--port', String(port)],
        ['--dir', folder.path],
        ['--appendonly', 'yes'],
        ['--appendfsync', appendfsync],
        // No snapshots beside the log, and none at the end.
        ['--save', ''],
        // A queue must not lose jobs to make room.
        ['--maxmemory-policy', 'noeviction'],
      ].flat(),
    },
    stopSignal: 'SIGTERM',
    answer: () => askRedis(url, 'PING'),
  });
}

/** Sends one command on a connection of its own and answers what comes back first. */
async function askRedis(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) }).setEncoding('utf8');
  socket.write(`${command}\r\n`);
  // Leaving the loop destroys the socket.
  for await (const answer of socket as AsyncIterable<string>) return answer.trimEnd();
  throw new Error(`Redis closed the connection without an answer to ${command}.`);
}
