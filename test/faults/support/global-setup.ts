import { installMissing } from '../../support/servers/debian-package';
import { mysqlRoot } from '../../support/servers/mysql';
import { ServerNotAvailableError } from '../../support/servers/unstable-root';
import { MYSQL_NOT_RUN_VARIABLE } from '../../support/test-servers';
import { faketime } from './faketime';
import { prepareRows } from './row';
import { supervisor } from './supervisord';

/** Before the test files, because two of them must not install at once. */
export default async function prepare(): Promise<void> {
  installMissing([faketime, ...supervisor]);
  if (process.env['BACKENDS']?.split(',').includes('mysql')) await prepareMysql();
  prepareRows();
}

async function prepareMysql(): Promise<void> {
  try {
    await mysqlRoot();
  } catch (error) {
    if (!(error instanceof ServerNotAvailableError)) throw error;
    process.env[MYSQL_NOT_RUN_VARIABLE] = error.message;
  }
}
