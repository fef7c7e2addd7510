import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { askMysql, askPostgres } from '../test/support/ask';
import { type Entry, serverOf } from './catalogue';
import { nodeOf } from './peers-installation';
import { PEERS, ROOT } from './places';
import type { Servers } from './servers';

/** Where and with what the figures were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
}

export async function machine(entries: readonly Entry[], servers: Servers): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('-', 1)[0]}`,
    versions: { ...ourVersions(), ...peersVersions(entries), ...(await serverVersions(entries, servers)) },
  };
}

function ourVersions(): Record<string, string> {
  const packages = ['pg', 'mysql2', 'better-sqlite3', 'fivebeans', 'typeorm', '@nestjs/core'];
  return {
    'nestjs-simple-job-queue': versionIn(ROOT),
    Node: process.versions.node,
    ...Object.fromEntries(packages.map((name) => [name, versionIn(join(ROOT, 'node_modules', name))])),
  };
}

function peersVersions(entries: readonly Entry[]): Record<string, string> {
  const peer = entries.find(({ kind }) => kind === 'peer');
  if (!peer) return {};
  const { dependencies } = JSON.parse(readFileSync(join(PEERS, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return { ...dependencies, 'Node of the peers': versionOf(nodeOf(peer), '--version') };
}

async function serverVersions(entries: readonly Entry[], servers: Servers): Promise<Record<string, string>> {
  const needed = new Set(entries.map(serverOf));
  const [postgres, mariadb] = [servers.urlOf('postgres'), servers.urlOf('mysql')];
  const mysql = servers.urlOf('mysql-itself');
  return {
    ...(postgres && { PostgreSQL: await one(askPostgres(postgres, 'show server_version')) }),
    ...(mariadb && { MariaDB: await one(askMysql(mariadb, 'select version()')) }),
    ...(mysql && { MySQL: await one(askMysql(mysql, 'select version()')) }),
    ...(needed.has('beanstalkd') && { beanstalkd: versionOf('beanstalkd', '-v') }),
    ...((needed.has('redis-always') || needed.has('redis-everysec')) && {
      Redis: versionOf('redis-server', '--version'),
    }),
  };
}

async function one(rows: Promise<Record<string, unknown>[]>): Promise<string> {
  const [row = {}] = await rows;
  return String(Object.values(row)[0]);
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** What looks like a version in the first line that the program prints. */
function versionOf(program: string, ...args: string[]): string {
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown';
}
