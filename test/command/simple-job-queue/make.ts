import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshMysqlDatabase, freshPostgresDatabase } from '../../support/databases';
import { startMariadb } from '../../support/servers/mariadb';
import { startMysql } from '../../support/servers/mysql';
import { startPostgres } from '../../support/servers/postgres';
import { temporaryFolder } from '../../support/temporary-folder';

/*
 * Makes the dumps beside it, by the library itself. It was run once; to run it again:
 *
 *   git clone https://github.com/n0nag0n/simple-job-queue
 *   apt-get install php-cli php-sqlite3 php-mysql php-pgsql
 *   node --require ./test/nest/typescript.cjs test/command/simple-job-queue/make.ts ./simple-job-queue
 */

const library = process.argv[2];
if (library === undefined) throw new Error('Give the folder with a clone of simple-job-queue.');

type Compression = 'compressed' | 'plain';

function fill(
  type: string,
  dsn: string,
  url: URL | undefined,
  table: string,
  compression: Compression,
): void {
  const [user, password] = [url?.username ?? '', decodeURIComponent(url?.password ?? '')];
  const script = join(__dirname, 'fill.php');
  execFileSync('php', [script, library!, type, dsn, user, password, table, compression], {
    stdio: 'inherit',
  });
}

/** Without what says when, by which program and for whom the dump was made. */
function keep(name: string, dump: string): void {
  const lines = dump
    .split('\n')
    .filter((line) => !/^(--|\/\*M!|\\(un)?restrict |SET |SELECT pg_catalog\.set_config)/.test(line));
  writeFileSync(
    join(__dirname, name),
    `${lines
      .join('\n')
      .replace(/\n{2,}/g, '\n')
      .trim()}\n`,
  );
}

async function postgres(): Promise<void> {
  const server = await startPostgres();
  try {
    const { url } = await freshPostgresDatabase(server.url);
    const { hostname, port, pathname } = new URL(url);
    fill(
      'pgsql',
      `pgsql:host=${hostname};port=${port};dbname=${pathname.slice(1)}`,
      new URL(url),
      'old_jobs',
      'plain',
    );
    keep(
      'postgres.sql',
      execFileSync('pg_dump', ['--inserts', '--no-owner', '--no-privileges', url], { encoding: 'utf8' }),
    );
  } finally {
    await server.remove();
  }
}

async function mysql(name: 'mariadb' | 'mysql'): Promise<void> {
  const server = await (name === 'mysql' ? startMysql() : startMariadb());
  try {
    const url = new URL((await freshMysqlDatabase(server.url)).url);
    const database = url.pathname.slice(1);
    const dsn = `mysql:host=${url.hostname};port=${url.port};dbname=${database};charset=utf8mb4`;
    fill('mysql', dsn, url, 'old_jobs', 'compressed');
    fill('mysql', dsn, url, 'plain_jobs', 'plain');
    const place = [
      '--protocol=tcp',
      `--host=${url.hostname}`,
      `--port=${url.port}`,
      `--user=${url.username}`,
    ];
    const how = [
      '--hex-blob',
      '--skip-comments',
      '--skip-extended-insert',
      '--default-character-set=utf8mb4',
      '--no-tablespaces',
    ];
    const environment = { ...process.env, MYSQL_PWD: decodeURIComponent(url.password) };
    keep(
      `${name}.sql`,
      execFileSync('mariadb-dump', ['--no-defaults', ...place, ...how, database], {
        encoding: 'utf8',
        env: environment,
      }),
    );
  } finally {
    await server.remove();
  }
}

async function sqlite(): Promise<void> {
  const folder = await temporaryFolder();
  try {
    const file = join(folder.path, 'old.sqlite');
    fill('sqlite', `sqlite:${file}`, undefined, 'old_jobs', 'plain');
    // Its text of a dump would not have the bytes that are no text.
    const tables = [
      '.mode insert old_jobs',
      'select id, pipeline, cast(payload as blob), added_dt, send_dt, priority, is_reserved, reserved_dt, is_buried, buried_dt, time_to_retry_dt, attempts from old_jobs;',
    ];
    const schema = execFileSync('sqlite3', [file, '.schema old_jobs'], { encoding: 'utf8' });
    const rows = execFileSync('sqlite3', [file], { encoding: 'utf8', input: tables.join('\n') });
    // The library has stored texts.
    const texts = rows.replace(/,X'([0-9a-fA-F]*)',/g, `,cast(X'$1' as text),`);
    keep('sqlite.sql', `${schema}${texts}`);
  } finally {
    await folder.remove();
  }
}

async function main(): Promise<void> {
  await sqlite();
  await postgres();
  await mysql('mariadb');
  await mysql('mysql');
  for (const name of ['sqlite', 'postgres', 'mariadb', 'mysql']) {
    const size = readFileSync(join(__dirname, `${name}.sql`)).length;
    process.stdout.write(`${name}.sql: ${size} bytes\n`);
  }
}

void main();
