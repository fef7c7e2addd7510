import { startSharedServers } from './shared-servers';

/** Starts the server of the project "mysql". A file of its own, because jest runs each setup once. */
export default async function setUp(): Promise<void> {
  await startSharedServers(['mysql']);
}
