import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { askMysql } from '../ask';
import { installMissing } from './debian-package';
import { freePort } from './free-port';
import { mysqlUser } from './mysql-user';
import { copyData } from './prepared-data';
import { PrivateFolder } from './private-folder';
import { PrivateServer } from './private-server';
import { procps } from './process-family';
import { insteadOfRoot } from './system-user';
import { unstableRoot, type UnstableSetup } from './unstable-root';

const execute = promisify(execFile);

const MYSQL: UnstableSetup = {
  name: 'mysql',
  packages: ['mysql-server-core', 'mysql-client-core', 'libc-bin'],
  programs: ['usr/sbin/mysqld', 'usr/bin/mysql'],
  async prepare(root) {
    const data = join(root, 'data');
    await execute(join(root, 'usr/sbin/mysqld'), [
      ...programOptions(root),
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
      `--datadir=${data}`,
      '--initialize-insecure',
      // A small log, because each server copies it. The server itself has its default.
      '--innodb-redo-log-capacity=8M',
    ]);
    // Each server is one of its own.
    await rm(join(data, 'auto.cnf'));
    // The users that servers run as copy it.
    await execute('chmod', ['-R', 'a+rX', data]);
  },
};

/** MySQL itself, unpacked: the folder in which its programs and an empty data folder are. */
export function mysqlRoot(): Promise<string> {
  return unstableRoot(MYSQL);
}

export interface MysqlOptions {
  /** Of its user; a random one by default. */
  readonly password?: string;
  /** Beside the options that every one has. */
  readonly further?: readonly string[];
}

/**
 * A private MySQL with its default, durable settings and none of the machine's configuration files. Its user has a
 * password and may do everything. Throws `ServerNotAvailableError` when MySQL cannot be had.
 */
export async function startMysql({ password, further = [] }: MysqlOptions = {}): Promise<PrivateServer> {
  installMissing([procps]);
  const root = await mysqlRoot();
  const folder = await PrivateFolder.create('mysql', insteadOfRoot('mysql'));
  const port = await freePort();
  const user = await mysqlUser(folder, password);
  const url = user.urlAt(port);

  await copyData(root, folder);
  return PrivateServer.start({
    name: 'MySQL',
    url,
    port,
    folder,
    command: {
      file: join(root, 'usr/sbin/mysqld'),
      args: [
        ...programOptions(root),
        `--datadir=${folder.at('data')}`,
        `--tmpdir=${folder.path}`,
        `--pid-file=${folder.at('pid')}`,
        `--socket=${folder.at('socket')}`,
        `--init-file=${user.file}`,
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        `--report-port=${port}`,
        '--report-host=127.0.0.1',
        '--mysqlx=OFF',
        '--skip-name-resolve',
        // The default of 151 is too few for many test files and their processes at once.
        '--max-connections=300',
        ...further,
      ],
    },
    stopSignal: 'SIGTERM',
    answer: () => askMysql(url, 'SELECT 1'),
  });
}

function programOptions(root: string): string[] {
  return [
    // It has to be the first one.
    '--no-defaults',
    `--basedir=${join(root, 'usr')}`,
    `--lc-messages-dir=${join(root, 'usr/share/mysql')}`,
    `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`,
    '--secure-file-priv=',
  ];
}
