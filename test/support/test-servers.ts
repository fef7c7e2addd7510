/*
 * Where the tests find their servers. Each variable may be set by hand, to a server that exists already (its user
 * has to be allowed to create databases); otherwise the run starts a server of its own and sets the variable for
 * the test files.
 *
 *   TEST_POSTGRES_URL     postgres://user:password@host:port/database
 *   TEST_MYSQL_URL        mysql://user:password@host:port/database     MySQL or MariaDB
 *   TEST_BEANSTALKD_URL   beanstalkd://host:port
 *
 * BACKENDS=sqlite,postgres narrows a run to some backends: only their servers start and only their tests are in it.
 */

export const urlVariables = {
  postgres: 'TEST_POSTGRES_URL',
  mysql: 'TEST_MYSQL_URL',
  beanstalkd: 'TEST_BEANSTALKD_URL',
} as const;

/** A backend that needs a server. */
export type ServerBackend = keyof typeof urlVariables;
export type Backend = 'memory' | 'sqlite' | ServerBackend;

/** The backends of this run; `jest.config.js` has checked and completed the variable. */
export function selectedBackends(): Backend[] {
  const { BACKENDS } = process.env;
  if (BACKENDS === undefined) throw new Error('BACKENDS is not set: run the tests with jest.config.js.');
  return BACKENDS.split(',') as Backend[];
}

/** The backends of this run that need a server. */
export function selectedServers(): ServerBackend[] {
  return selectedBackends().filter((backend): backend is ServerBackend => backend in urlVariables);
}

/** A URL of the PostgreSQL server that the test files share. */
export function postgresUrl(): string {
  return urlOf('postgres');
}

/** A URL of the MySQL or MariaDB server that the test files share. */
export function mysqlUrl(): string {
  return urlOf('mysql');
}

/** The URL of the beanstalkd that the test files share. */
export function beanstalkdUrl(): string {
  return urlOf('beanstalkd');
}

function urlOf(backend: ServerBackend): string {
  const url = process.env[urlVariables[backend]];
  if (url === undefined) {
    throw new Error(
      `No server for ${backend}: this run has BACKENDS=${process.env['BACKENDS']}. ` +
        `Add ${backend} to it, or set ${urlVariables[backend]} to a server that exists.`,
    );
  }
  return url;
}
