import { askPostgres } from '../../support/ask';
import { startPostgres, startStandby } from '../../support/servers/postgres';
import type { PrivateServer } from '../../support/servers/private-server';
import { until } from '../../support/until';

/** PostgreSQL, and a standby that has each commit before it is acknowledged. */
export async function startPair(): Promise<readonly PrivateServer[]> {
  const primary = await startPostgres();
  const standby = await startStandby(primary);
  await askPostgres(primary.url, `alter system set synchronous_standby_names = '*'`);
  await askPostgres(primary.url, 'select pg_reload_conf()');
  await until('commits wait for the standby', async () => {
    const [follower] = await askPostgres(primary.url, 'select sync_state from pg_stat_replication');
    return follower?.['sync_state'] === 'sync';
  });
  return [primary, standby];
}

/** Makes the standby a primary of its own. */
export async function promote(standby: PrivateServer): Promise<void> {
  await askPostgres(standby.url, 'select pg_promote()');
}
