import { stopSharedServers, versions } from './shared-servers';
import { MYSQL_NOT_RUN_VARIABLE } from './test-servers';

/** Stops the servers, and says in the run's last lines which they were, and which there was not. */
export default async function tearDown(): Promise<void> {
  const ran = await versions();
  await stopSharedServers();
  if (ran.length > 0) process.stderr.write(`Servers: ${ran.join(', ')}\n`);
  const { [MYSQL_NOT_RUN_VARIABLE]: why } = process.env;
  if (why !== undefined) process.stderr.write(`not run: MySQL (${why})\n`);
}
