import { join } from 'node:path';
import { askMysql } from '../ask';
import { type DebianPackage, installMissing } from './debian-package';
import { freePort } from './free-port';
import { folderOf, isInstalled } from './installed-program';
import { mysqlUser } from './mysql-user';
import { PrivateFolder } from './private-folder';
import { PrivateServer } from './private-server';
import { procps } from './process-family';
import { insteadOfRoot } from './system-user';

export const mariadbPackages: readonly DebianPackage[] = [
  { name: 'mariadb-server', isInstalled: () => isInstalled('mariadbd') && isInstalled('mariadb-install-db') },
  procps,
];

/**
 * A private MariaDB with its default, durable settings and none of the machine's configuration files. Its user has a
 * password and may do everything.
 */
export async function startMariadb(): Promise<PrivateServer> {
  installMissing(mariadbPackages);
  const folder = await PrivateFolder.create('mariadb', insteadOfRoot('mysql'));
  const port = await freePort();
  const user = await mysqlUser(folder);
  const url = user.urlAt(port);

  await folder.run({
    file: join(folderOf('mariadb-install-db') ?? '', 'mariadb-install-db'),
    // --no-defaults has to be the first one.
    args: ['--no-defaults', `--datadir=${folder.at('data')}`, '--skip-test-db'],
  });
  return PrivateServer.start({
    name: 'MariaDB',
    url,
    port,
    folder,
    command: {
      file: join(folderOf('mariadbd') ?? '', 'mariadbd'),
      args: [
        '--no-defaults',
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
      ],
    },
    stopSignal: 'SIGTERM',
    answer: () => askMysql(url, 'SELECT 1'),
  });
}
