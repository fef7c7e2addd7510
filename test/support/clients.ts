import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DebianPackage, installMissing } from './servers/debian-package';
import { isInstalled } from './servers/installed-program';
import { mysqlRoot } from './servers/mysql';
import { mysqlServer } from './test-servers';

/*
 * The servers' own command-line clients, as a person or a shell script uses them. Each takes statements and
 * answers what the client prints, without headings, and rejects when a statement fails.
 */

const execute = promisify(execFile);

const postgresqlClient: DebianPackage = { name: 'postgresql-client', isInstalled: () => isInstalled('psql') };
const mariadbClient: DebianPackage = { name: 'mariadb-client', isInstalled: () => isInstalled('mariadb') };
const sqliteClient: DebianPackage = { name: 'sqlite3', isInstalled: () => isInstalled('sqlite3') };

export function psql(url: string, sql: string): Promise<string> {
  installMissing([postgresqlClient]);
  return run('psql', ['--no-psqlrc', '--quiet', '-v', 'ON_ERROR_STOP=1', '-At', url], sql);
}

/** The client of the server that the project's tests are run on: MariaDB's or MySQL's. */
export async function mysqlClient(url: string, sql: string): Promise<string> {
  const isMysql = mysqlServer() === 'mysql';
  if (!isMysql) installMissing([mariadbClient]);
  const program = isMysql ? join(await mysqlRoot(), 'usr/bin/mysql') : 'mariadb';
  const { hostname, port, username, password, pathname } = new URL(url);
  const args = [
    // It has to be the first one.
    '--no-defaults',
    ...['--protocol=tcp', `--host=${hostname}`, `--port=${port || 3306}`, `--user=${username}`],
    '--default-character-set=utf8mb4',
    // Values as they are, one row a line, no headings.
    ...['--batch', '--raw', '--skip-column-names'],
    pathname.slice(1),
  ];
  return run(program, args, sql, { MYSQL_PWD: password });
}

export function sqlite3(file: string, sql: string): Promise<string> {
  installMissing([sqliteClient]);
  return run('sqlite3', ['-bail', '-cmd', '.timeout 5000', file], sql);
}

/** Sends lines to beanstalkd and answers all that it says until it has heard the last one. */
export async function speakBeanstalkd(url: string, lines: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port || 11300) }).setEncoding('utf8');
  let answers = '';
  socket.on('data', (text: string) => (answers += text));
  socket.end(`${lines.trimEnd().replaceAll('\n', '\r\n')}\r\nquit\r\n`);
  await once(socket, 'close');
  return answers;
}

async function run(
  program: string,
  args: readonly string[],
  input: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const running = execute(program, args, { env: { ...process.env, ...environment } });
  running.child.stdin?.end(input);
  return (await running).stdout;
}
