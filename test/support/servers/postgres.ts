import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { askPostgres } from '../ask';
import { certificateOf, openssl } from './certificate';
import { type DebianPackage, installMissing } from './debian-package';
import { freePort } from './free-port';
import { folderOf } from './installed-program';
import { PrivateFolder } from './private-folder';
import { PrivateServer, type ServerSetup } from './private-server';
import { procps } from './process-family';
import { insteadOfRoot } from './system-user';
import { unstableRoot, type UnstableSetup, wantsNewest } from './unstable-root';

const VERSIONS = '/usr/lib/postgresql';
const USER = 'jobs';

export const postgresPackages: readonly DebianPackage[] = [
  { name: 'postgresql', isInstalled: () => wantsNewest() || binaries() !== undefined },
  procps,
];

const NEWEST: UnstableSetup = {
  name: 'postgres',
  packages: ['postgresql-18', 'libc-bin'],
  programs: ['initdb', 'postgres', 'pg_ctl', 'pg_basebackup'].map(
    (name) => `usr/lib/postgresql/18/bin/${name}`,
  ),
};

interface PostgresSetup {
  /** Host names; in the data folder lies `<name>.crt` for each, which is its own authority, with its `<name>.key`. */
  readonly certificates?: readonly string[];
}

/** A private PostgreSQL with its default, durable settings. Its user has a password and may do everything. */
export async function startPostgres({ certificates = [] }: PostgresSetup = {}): Promise<PrivateServer> {
  installMissing([...postgresPackages, ...(certificates.length > 0 ? [openssl] : [])]);
  const bin = await postgresBinaries();
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
  for (const name of certificates) await folder.run(certificateOf(name, 'data'));
  return PrivateServer.start({
    name: 'PostgreSQL',
    url,
    port,
    folder,
    ...(await runningPostgres(folder, url, port)),
  });
}

/** How a PostgreSQL runs on the data in that folder. */
async function runningPostgres(
  folder: PrivateFolder,
  url: string,
  port: number,
): Promise<Pick<ServerSetup, 'command' | 'stopSignal' | 'answer'>> {
  return {
    command: {
      file: join(await postgresBinaries(), 'postgres'),
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
  };
}

/** A standby of that PostgreSQL: it follows what is written there, and can be read. */
export async function startStandby(primary: PrivateServer): Promise<PrivateServer> {
  const folder = await PrivateFolder.create('standby', insteadOfRoot('postgres'));
  const port = await freePort();
  const url = new URL(primary.url);
  url.port = String(port);
  await folder.run({
    file: join(await postgresBinaries(), 'pg_basebackup'),
    // With the settings by which the copy follows the original.
    args: [
      `--pgdata=${folder.at('data')}`,
      `--dbname=${primary.url}`,
      '--write-recovery-conf',
      '--checkpoint=fast',
    ],
  });
  return PrivateServer.start({
    name: 'a standby of PostgreSQL',
    url: url.href,
    port,
    folder,
    ...(await runningPostgres(folder, url.href, port)),
  });
}

async function postgresBinaries(): Promise<string> {
  return wantsNewest() ? newestBinaries() : (binaries() ?? '');
}

/** Those of the unstable distribution. */
async function newestBinaries(): Promise<string> {
  return binariesBelow(join(await unstableRoot(NEWEST), VERSIONS)) ?? '';
}

/** Those of the system: in Debian's layout, which keeps them off PATH, or else on PATH. */
function binaries(): string | undefined {
  return binariesBelow(VERSIONS, folderOf('initdb'));
}

/** The newest version in a folder of Debian's layout, or else there. */
function binariesBelow(folder: string, otherwise: string | undefined = undefined): string | undefined {
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(folder, version, 'bin'))
    .concat(otherwise ?? [])
    .find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')));
}
