import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { askMysql } from '../ask';
import { certificateOf, openssl } from './certificate';
import { type DebianPackage, installMissing } from './debian-package';
import { freePort } from './free-port';
import { folderOf, isInstalled } from './installed-program';
import { mysqlUser } from './mysql-user';
import { copyData } from './prepared-data';
import { type Command, PrivateFolder } from './private-folder';
import { PrivateServer } from './private-server';
import { procps } from './process-family';
import { insteadOfRoot } from './system-user';
import { unstableRoot, type UnstableSetup, wantsNewest } from './unstable-root';

export const mariadbPackages: readonly DebianPackage[] = [
  {
    name: 'mariadb-server',
    isInstalled: () => wantsNewest() || (isInstalled('mariadbd') && isInstalled('mariadb-install-db')),
  },
  procps,
];

const NEWEST: UnstableSetup = {
  name: 'mariadb',
  // mariadb-server has the script that makes the data folder.
  packages: [
    ...['mariadb-server-core', 'mariadb-client-core', 'mariadb-server', 'libc-bin'],
    // For clusters, and for how their nodes copy data.
    ...['galera-4', 'rsync', 'iproute2'],
  ],
  programs: [
    'sbin/mariadbd',
    'bin/my_print_defaults',
    'bin/resolveip',
    'bin/mariadb',
    'bin/rsync',
    'bin/ss',
  ].map((name) => `usr/${name}`),
  async prepare(root) {
    const data = join(root, 'data');
    const owner = process.getuid?.() === 0 ? ['--user=root'] : [];
    await promisify(execFile)(join(root, 'usr/bin/mariadb-install-db'), [
      ...['--no-defaults', `--basedir=${join(root, 'usr')}`, `--datadir=${data}`, '--skip-test-db', ...owner],
    ]);
    // The users that servers run as copy it.
    await promisify(execFile)('chmod', ['-R', 'a+rX', data]);
  },
};

/** MariaDB of the unstable distribution: the folder in which its programs and an empty data folder are. */
export function newestMariadb(): Promise<string> {
  return unstableRoot(NEWEST);
}

interface MariadbSetup {
  /** A host name: beside the data lies `<name>.crt`, which is its own authority and what the server presents. */
  readonly certificate?: string;
  /** Further arguments of the server. */
  readonly further?: readonly string[];
}

/**
 * A private MariaDB with its default, durable settings and none of the machine's configuration files. Its user has a
 * password and may do everything.
 */
export async function startMariadb({ certificate, further = [] }: MariadbSetup = {}): Promise<PrivateServer> {
  installMissing([...mariadbPackages, ...(certificate ? [openssl] : [])]);
  const folder = await PrivateFolder.create('mariadb', insteadOfRoot('mysql'));
  const port = await freePort();
  const user = await mysqlUser(folder);
  const url = user.urlAt(port);
  if (certificate) await folder.run(certificateOf(certificate));
  const program = wantsNewest() ? await newestProgram(folder) : await installedProgram(folder);

  return PrivateServer.start({
    name: 'MariaDB',
    url,
    port,
    folder,
    command: {
      file: program.file,
      args: [
        '--no-defaults',
        ...program.args,
        `--datadir=${folder.at('data')}`,
        `--tmpdir=${folder.path}`,
        `--pid-file=${folder.at('pid')}`,
        `--socket=${folder.at('socket')}`,
        `--init-file=${user.file}`,
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        '--skip-name-resolve',
        // Latin-1 before 11.6, when no configuration file says otherwise.
        '--character-set-server=utf8mb4',
        // The default of 151 is too few for many test files and their processes at once.
        '--max-connections=300',
        ...(certificate
          ? [`--ssl-cert=${folder.at(`${certificate}.crt`)}`, `--ssl-key=${folder.at(`${certificate}.key`)}`]
          : []),
        ...further,
      ],
    },
    stopSignal: 'SIGTERM',
    answer: () => askMysql(url, 'SELECT 1'),
  });
}

/** Makes the data folder and returns how to run the server on it. */
async function installedProgram(folder: PrivateFolder): Promise<Command> {
  await folder.run({
    file: join(folderOf('mariadb-install-db') ?? '', 'mariadb-install-db'),
    // --no-defaults has to be the first one.
    args: ['--no-defaults', `--datadir=${folder.at('data')}`, '--skip-test-db'],
  });
  return { file: join(folderOf('mariadbd') ?? '', 'mariadbd'), args: [] };
}

async function newestProgram(folder: PrivateFolder): Promise<Command> {
  const root = await newestMariadb();
  await copyData(root, folder);
  return mariadbOf(root);
}

/** How to run the server of an unpacked MariaDB. */
export function mariadbOf(root: string): Command {
  return {
    file: join(root, 'usr/sbin/mariadbd'),
    args: [
      `--basedir=${join(root, 'usr')}`,
      `--lc-messages-dir=${join(root, 'usr/share/mysql')}`,
      `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`,
    ],
  };
}
