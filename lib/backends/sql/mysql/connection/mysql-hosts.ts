import type { Seconds } from '../../../../core/contract/job-data';
import { type HostPool, SeveralHosts } from '../../connection/several-hosts';
import type { MysqlClient, MysqlConnection, MysqlPool, MysqlSource } from './mysql-connection';

/** Several servers, of which one is the primary. */
export class MysqlHosts extends SeveralHosts<MysqlConnection, MysqlPool> implements MysqlSource {
  constructor(hosts: readonly HostPool<MysqlPool>[], deadline: Seconds) {
    super(hosts, takesWrites, deadline);
  }

  borrowed(client: MysqlClient, deadline: Seconds): MysqlConnection {
    return this.current.borrowed(client, deadline);
  }
}

/** A user with many rights may write to a read-only replica, and it would be one no more. */
async function takesWrites(connection: MysqlConnection): Promise<boolean> {
  const [server] = await connection.rows<{ readonly: number | string }>(
    'select @@global.read_only or @@global.innodb_read_only as readonly',
  );
  return Number(server?.readonly) === 0;
}
