import type { Seconds } from '../../../../core/contract/job-data';
import { type HostPool, SeveralHosts } from '../../connection/several-hosts';
import type { PgClient, PostgresConnection, PostgresPool, PostgresSource } from './postgres-connection';

/** Several servers, of which one is the primary. */
export class PostgresHosts extends SeveralHosts<PostgresConnection, PostgresPool> implements PostgresSource {
  constructor(hosts: readonly HostPool<PostgresPool>[], deadline: Seconds) {
    super(hosts, takesWrites, deadline);
  }

  borrowed(client: PgClient, deadline: Seconds): PostgresConnection {
    return this.current.borrowed(client, deadline);
  }

  newClient<T>(options: object): T {
    return this.current.newClient<T>(options);
  }
}

/** False on a standby, too. */
async function takesWrites(connection: PostgresConnection): Promise<boolean> {
  const [server] = await connection.rows<{ readonly: string }>(
    "select current_setting('transaction_read_only') as readonly",
  );
  return server?.readonly === 'off';
}
