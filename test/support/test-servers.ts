/*
 * Where the tests find their servers. Each variable may be set by hand, to a server that exists already (its user
 * has to be allowed to create databases); otherwise the run starts a server of its own and sets the variable for
 * the test files.
 *
 *   TEST_POSTGRES_URL     postgres://user:password@host:port/database
 *   TEST_MARIADB_URL      mysql://user:password@host:port/database
 *   TEST_MYSQL_URL        mysql://user:password@host:port/database     MySQL itself
 *   TEST_BEANSTALKD_URL   beanstalkd://host:port
 *
 * BACKENDS=sqlite,postgres narrows a run to some backends: only their servers start and only their tests are in it.
 * MariaDB and MySQL are two backends of the tests over one dialect: jest's project "mysql" runs the tests of the
 * dialect on MySQL, the project "default" on MariaDB.
 */

export const urlVariables = {
  postgres: 'TEST_POSTGRES_URL',
  mariadb: 'TEST_MARIADB_URL',
  mysql: 'TEST_MYSQL_URL',
  beanstalkd: 'TEST_BEANSTALKD_URL',
} as const;

/** A backend that needs a server. */
export type ServerBackend = keyof typeof urlVariables;
export type Backend = 'memory' | 'sqlite' | ServerBackend;

/** MySQL could not be had on this day: why. `not-run.cjs` reads it, too. */
export const MYSQL_NOT_RUN_VARIABLE = 'TEST_MYSQL_NOT_RUN';

/** The backends of this project's run; `jest.config.js` has checked and completed them. */
export function selectedBackends(): Backend[] {
  const { BACKENDS } = process.env;
  if (BACKENDS === undefined) throw new Error('BACKENDS is not set: run the tests with jest.config.js.');
  const { backendsOfProject } = globalThis as { backendsOfProject?: readonly Backend[] };
  const selected = backendsOfProject ?? (BACKENDS.split(',') as Backend[]);
  return selected.filter((name) => name !== 'mysql' || process.env[MYSQL_NOT_RUN_VARIABLE] === undefined);
}

/** Those of which a page or a span can tell all: not beanstalkd. Memory needs no server, and stands in where no other is left. */
export function selectedButBeanstalkd(): Backend[] {
  const others = selectedBackends().filter((name) => name !== 'beanstalkd');
  return others.length > 0 ? others : ['memory'];
}

/** The backends of this project's run that need a server. */
export function selectedServers(): ServerBackend[] {
  return selectedBackends().filter(needsServer);
}

export function needsServer<B extends Backend>(backend: B): backend is B & ServerBackend {
  return backend in urlVariables;
}

/** Which server the tests of the MySQL dialect are run on in this project. */
export function mysqlServer(): 'mariadb' | 'mysql' {
  return selectedBackends().includes('mysql') ? 'mysql' : 'mariadb';
}

/** A URL of the PostgreSQL server that the test files share. */
export function postgresUrl(): string {
  return urlOf('postgres');
}

/** A URL of the server of the MySQL dialect that the test files of this project share: MariaDB or MySQL. */
export function mysqlUrl(): string {
  return urlOf(mysqlServer());
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
