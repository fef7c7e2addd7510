import { beanstalkdPackages, startBeanstalkd } from './servers/beanstalkd';
import { installMissing } from './servers/debian-package';
import { mariadbPackages, startMariadb } from './servers/mariadb';
import { postgresPackages, startPostgres } from './servers/postgres';
import { type PrivateServer } from './servers/private-server';
import { selectedServers, type ServerBackend, urlVariables } from './test-servers';

const kinds = {
  postgres: { packages: postgresPackages, start: startPostgres },
  mysql: { packages: mariadbPackages, start: startMariadb },
  // The conformance suite has payloads of a mebibyte and more; beanstalkd's default limit is 64 KiB.
  beanstalkd: {
    packages: beanstalkdPackages,
    start: () => startBeanstalkd({ maxJobSize: 2 ** 21 + 2 ** 16 }),
  },
};

const started = new Map<ServerBackend, PrivateServer>();

/** Starts, side by side, the servers that the run needs and that nobody provides, and publishes their URLs. */
export async function startSharedServers(): Promise<void> {
  const missing = selectedServers().filter((backend) => process.env[urlVariables[backend]] === undefined);
  // All of them before the first start, so that one command installs or names everything.
  installMissing(missing.flatMap((backend) => kinds[backend].packages));
  const starts = await Promise.allSettled(
    missing.map(async (backend) => {
      const server = await kinds[backend].start();
      started.set(backend, server);
      process.env[urlVariables[backend]] = server.url;
    }),
  );
  const failure = starts.find((start) => start.status === 'rejected');
  if (failure === undefined) return;
  await stopSharedServers();
  throw failure.reason;
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
