import { startSharedServers } from './shared-servers';
import { selectedServers } from './test-servers';

/** Starts the servers of the project "default". */
export default async function setUp(): Promise<void> {
  await startSharedServers(selectedServers().filter((name) => name !== 'mysql'));
}
