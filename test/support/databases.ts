import { randomBytes } from 'node:crypto';
import { askMysql, askPostgres } from './ask';
import { mysqlUrl, postgresUrl } from './test-servers';

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/**
 * A new empty database for one test file, on the shared server or another one. To drop it, PostgreSQL waits five
 * seconds for the last connection to it to close and then refuses, which is how a forgotten connection shows.
 */
export async function freshPostgresDatabase(serverUrl = postgresUrl()): Promise<FreshDatabase> {
  const name = randomName();
  await askPostgres(serverUrl, `CREATE DATABASE ${name}`);
  return {
    url: withDatabase(serverUrl, name),
    drop: async () => void (await askPostgres(serverUrl, `DROP DATABASE ${name}`)),
  };
}

/** A new empty database for one test file, on the shared MySQL or MariaDB server or another one. */
export async function freshMysqlDatabase(serverUrl = mysqlUrl()): Promise<FreshDatabase> {
  const name = randomName();
  await askMysql(serverUrl, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  return {
    url: withDatabase(serverUrl, name),
    drop: async () => void (await askMysql(serverUrl, `DROP DATABASE ${name}`)),
  };
}

function randomName(): string {
  return `test_${randomBytes(6).toString('hex')}`;
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
