import { randomBytes } from 'node:crypto';
import type { PrivateFolder } from './private-folder';

/** The user of a private MySQL or MariaDB: it has a password and may do everything. */
export interface MysqlUser {
  /** A file with the statements that make it: for `--init-file`, which is read at every start, before the first connection is let in. */
  readonly file: string;
  urlAt(port: number): string;
}

const NAME = 'jobs';

/** With a password the same user as elsewhere. */
export async function mysqlUser(
  folder: PrivateFolder,
  password = randomBytes(12).toString('hex'),
): Promise<MysqlUser> {
  await folder.write(
    'users.sql',
    // Each node of a group makes it for itself.
    `SET SESSION sql_log_bin = 0;\n` +
      `CREATE USER IF NOT EXISTS '${NAME}'@'127.0.0.1' IDENTIFIED BY '${password}';\n` +
      `GRANT ALL ON *.* TO '${NAME}'@'127.0.0.1' WITH GRANT OPTION;\n`,
  );
  return {
    file: folder.at('users.sql'),
    urlAt: (port) => `mysql://${NAME}:${password}@127.0.0.1:${port}/mysql`,
  };
}
