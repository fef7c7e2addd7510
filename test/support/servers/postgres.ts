import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { askPostgres } from '../ask';
import { type DebianPackage, installMissing } from './debian-package';
import { freePort } from './free-port';
import { folderOf } from './installed-program';
import { PrivateFolder } from './private-folder';
import { PrivateServer } from './private-server';
import { procps } from './process-family';
import { insteadOfRoot } from './system-user';

const VERSIONS = '/usr/lib/postgresql';
const USER = 'jobs';

export const postgresPackages: readonly DebianPackage[] = [
  { name: 'postgresql', isInstalled: () => binaries() !== undefined },
  procps,
];

/** A private PostgreSQL with its default, durable settings. Its user has a password and may do everything. */
export async function startPostgres(): Promise<PrivateServer> {
  installMissing(postgresPackages);
  const bin = binaries() ?? '';
  const folder = await PrivateFolder.create('postgres', insteadOfRoot('postgres'));
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const url = `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;

  await folder.write('password', password);
  await folder.run({
    file: join(bin, 'initdb'),
    args: [
      `--pgdata=${folder.at('data')}`,
      `--username=${USER}`,
      `--pwfile=${folder.at('password')}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      // Only the files of the empty cluster; the server itself syncs as usual.
      '--no-sync',
    ],
  });
  return PrivateServer.start({
    name: 'PostgreSQL',
    url,
    port,
    folder,
    command: {
      file: join(bin, 'postgres'),
      args: [
        ['-D', folder.at('data')],
        ['-p', String(port)],
        ['-k', folder.path],
        ['-c', 'listen_addresses=127.0.0.1'],
        // The default of 100 is too few for many test files and their processes at once.
        ['-c', 'max_connections=300'],
      ].flat(),
    },
    // "Fast": to SIGTERM it would wait until the last client has left.
    stopSignal: 'SIGINT',
    answer: () => askPostgres(url, 'SELECT 1'),
  });
}

/** The newest version in Debian's layout, which keeps them off PATH; else the one on PATH. */
function binaries(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  return versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(VERSIONS, version, 'bin'))
    .concat(folderOf('initdb') ?? [])
    .find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}
