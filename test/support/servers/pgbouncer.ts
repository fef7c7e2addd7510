import { join } from 'node:path';
import { askPostgres } from '../ask';
import { type DebianPackage, installMissing } from './debian-package';
import { freePort } from './free-port';
import { folderOf, isInstalled } from './installed-program';
import { PrivateFolder } from './private-folder';
import { PrivateServer } from './private-server';
import { procps } from './process-family';
import { insteadOfRoot } from './system-user';

export const pgbouncerPackages: readonly DebianPackage[] = [
  { name: 'pgbouncer', isInstalled: () => isInstalled('pgbouncer') },
  procps,
];

/**
 * A private PgBouncer before that PostgreSQL, by default in transaction mode: each transaction of a client may run on
 * another connection. Its URL leads to the same database.
 */
export async function startPgbouncer(
  postgresUrl: string,
  mode: 'session' | 'transaction' | 'statement' = 'transaction',
): Promise<PrivateServer> {
  installMissing(pgbouncerPackages);
  const folder = await PrivateFolder.create('pgbouncer', insteadOfRoot('postgres'));
  const port = await freePort();
  const url = new URL(postgresUrl);
  const { hostname, username, password } = url;

  await folder.write('users', `"${username}" "${password}"\n`);
  await folder.write(
    'pgbouncer.ini',
    [
      '[databases]',
      `* = host=${hostname} port=${url.port || 5432}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${folder.at('users')}`,
      `pool_mode = ${mode}`,
    ].join('\n'),
  );
  url.host = `127.0.0.1:${port}`;
  return PrivateServer.start({
    name: 'PgBouncer',
    url: url.href,
    port,
    folder,
    command: { file: join(folderOf('pgbouncer') ?? '', 'pgbouncer'), args: [folder.at('pgbouncer.ini')] },
    // Whoever is connected: to SIGTERM newer versions wait until the last client has left.
    stopSignal: 'SIGQUIT',
    answer: () => askPostgres(url.href, 'SELECT 1'),
  });
}
