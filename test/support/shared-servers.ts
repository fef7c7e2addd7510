import { askBeanstalkd, askMysql, askPostgres } from './ask';
import { beanstalkdPackages, startBeanstalkd } from './servers/beanstalkd';
import { type DebianPackage, installMissing } from './servers/debian-package';
import { mariadbPackages, startMariadb } from './servers/mariadb';
import { startMysql } from './servers/mysql';
import { postgresPackages, startPostgres } from './servers/postgres';
import { type PrivateServer } from './servers/private-server';
import { procps } from './servers/process-family';
import { ServerNotAvailableError } from './servers/unstable-root';
import { MYSQL_NOT_RUN_VARIABLE, type ServerBackend, urlVariables } from './test-servers';

interface Kind {
  readonly packages: readonly DebianPackage[];
  start(): Promise<PrivateServer>;
  /** What it says of itself. */
  version(url: string): Promise<string>;
}

const kinds: Record<ServerBackend, Kind> = {
  postgres: {
    packages: postgresPackages,
    start: startPostgres,
    version: async (url) => `PostgreSQL ${await answerOf(askPostgres(url, 'show server_version'))}`,
  },
  mariadb: {
    packages: mariadbPackages,
    start: startMariadb,
    version: async (url) => `MariaDB ${await answerOf(askMysql(url, 'select version()'))}`,
  },
  mysql: {
    packages: [procps],
    start: () => startMysql(),
    version: async (url) => `MySQL ${await answerOf(askMysql(url, 'select version()'))}`,
  },
  beanstalkd: {
    packages: beanstalkdPackages,
    // The conformance suite has payloads of a mebibyte and more; beanstalkd's default limit is 64 KiB.
    start: () => startBeanstalkd({ maxJobSize: 2 ** 21 + 2 ** 16 }),
    version: async (url) =>
      `beanstalkd ${/^version: "?([^"\n]+)/m.exec(await askBeanstalkd(url, 'stats'))?.[1] ?? '?'}`,
  },
};

const started = new Map<ServerBackend, PrivateServer>();

/** Starts, side by side, the servers that the run needs and that nobody provides, and publishes their URLs. */
export async function startSharedServers(needed: readonly ServerBackend[]): Promise<void> {
  const missing = needed.filter((backend) => process.env[urlVariables[backend]] === undefined);
  // All of them before the first start, so that one command installs or names everything.
  installMissing(missing.flatMap((backend) => kinds[backend].packages));
  const starts = await Promise.allSettled(missing.map(start));
  const failure = starts.find((start) => start.status === 'rejected');
  if (failure === undefined) return;
  await stopSharedServers();
  throw failure.reason;
}

async function start(backend: ServerBackend): Promise<void> {
  try {
    const server = await kinds[backend].start();
    started.set(backend, server);
    process.env[urlVariables[backend]] = server.url;
  } catch (error) {
    if (!(backend === 'mysql' && error instanceof ServerNotAvailableError)) throw error;
    process.env[MYSQL_NOT_RUN_VARIABLE] = error.message;
  }
}

/** What the servers that were started here say of themselves. */
export function versions(): Promise<string[]> {
  return Promise.all(Array.from(started, ([backend, { url }]) => kinds[backend].version(url)));
}

/** Stops what was started here, and only that. */
export async function stopSharedServers(): Promise<void> {
  await Promise.all(
    Array.from(started, async ([backend, server]) => {
      // In watch mode the next run would take it for a server that exists.
      delete process.env[urlVariables[backend]];
      started.delete(backend);
      await server.remove();
    }),
  );
}

async function answerOf(rows: Promise<Record<string, unknown>[]>): Promise<string> {
  return String(Object.values((await rows)[0] ?? {})[0]);
}
