'use strict';

const { availableParallelism } = require('node:os');

/*
 * BACKENDS=sqlite,postgres npm test narrows a run. A test file that begins with a backend's name is that backend's
 * (test/backends/postgres-schema.test.ts); one that is for several asks `selectedBackends()` which to go through, and
 * is named `….sql.test.ts` when it has nothing to go through without a SQL backend, `….server.test.ts` when it has
 * nothing without a SQL server, and `….system.test.ts` when it has nothing with memory alone. A file that begins with
 * mysql is for MySQL and for MariaDB: the project "default" runs it on MariaDB, and the project "mysql" on MySQL
 * itself, with all others that meet this dialect.
 */
const backends = ['memory', 'sqlite', 'postgres', 'mariadb', 'mysql', 'beanstalkd'];
const selected = process.env.BACKENDS ? process.env.BACKENDS.split(',') : backends;
const unknown = selected.filter((name) => !backends.includes(name));
if (unknown.length > 0) {
  throw new Error(
    `BACKENDS names ${unknown.join(', ')}: possible are ${backends.join(', ')}, separated by commas.`,
  );
}
// For the setup and the test files, which inherit the environment of this process.
process.env.BACKENDS = selected.join(',');

/** Patterns of the files that are for other backends than these. */
function ofOthers(own) {
  const patterns = backends
    .filter((name) => !own.includes(name))
    .map((name) => `<rootDir>/test/(.*/)?${name}[^/]*\\.test\\.ts$`);
  const servers = ['postgres', 'mariadb', 'mysql'];
  if (!own.some((name) => servers.includes(name))) patterns.push('\\.server\\.test\\.ts$');
  if (!own.some((name) => ['sqlite', ...servers].includes(name))) patterns.push('\\.sql\\.test\\.ts$');
  if (own.every((name) => name === 'memory')) patterns.push('\\.system\\.test\\.ts$');
  return patterns;
}

const besidesMysql = selected.filter((name) => name !== 'mysql');
const ofOthersThanDefault = ofOthers(
  besidesMysql.includes('mariadb') ? [...besidesMysql, 'mysql'] : besidesMysql,
);

const swc = (parser) => [
  '@swc/jest',
  {
    swcrc: false,
    jsc: {
      parser,
      // Decorated classes are injected by the types in their constructors.
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: 'es2023',
      keepClassNames: true,
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

const shared = {
  testEnvironment: 'node',
  // Marks the test files of a server that cannot be had, with the reason.
  testRunner: '<rootDir>/test/support/not-run.cjs',
  transform: {
    '\\.ts$': swc({ syntax: 'typescript', decorators: true }),
    '\\.m?js$': swc({ syntax: 'ecmascript' }),
  },
  // ES modules, which jest cannot require: Nest 12, arktype and superjson with what they need.
  transformIgnorePatterns: [
    '/node_modules/(?!@nestjs/|@ark/|ark|superjson/|copy-anything/|is-what/|(@fastify/static/node_modules/)?content-disposition/|(@fastify/static/node_modules/)?cookie/)',
  ],
};

const ourPackage = {
  '^nestjs-simple-job-queue$': '<rootDir>/lib/index.ts',
  '^nestjs-simple-job-queue/(typeorm|beanstalkd|bull-board|opentelemetry|terminus|testing)$':
    '<rootDir>/lib/$1.ts',
  // The dynamic imports of lib/backends/open-backend.ts name the compiled files.
  '^(\\./(?:sql|beanstalkd)/[a-z/-]+)\\.js$': '$1',
};

/** The tests that meet the dialect of MySQL, on MySQL itself. */
const mysqlItself = {
  ...shared,
  displayName: 'mysql',
  moduleNameMapper: ourPackage,
  globals: { backendsOfProject: ['mysql'] },
  testMatch: [
    '<rootDir>/test/**/mysql*.test.ts',
    '<rootDir>/test/**/*.{sql,server}.test.ts',
    '<rootDir>/test/nest/{every-backend,handler-transaction}.test.ts',
    '<rootDir>/test/command/every-system.system.test.ts',
  ],
  testPathIgnorePatterns: ['<rootDir>/test/(faults|clusters)/'],
  globalSetup: '<rootDir>/test/support/mysql-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

/** They start whole clusters: not without being asked. */
const clusters = {
  ...shared,
  displayName: 'clusters',
  moduleNameMapper: ourPackage,
  testMatch: ['<rootDir>/test/clusters/*.test.ts'],
  globalSetup: '<rootDir>/test/clusters/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/faults/support/global-teardown.ts',
};

module.exports = {
  testTimeout: 30_000,
  // Test files mostly wait, for servers and for whole seconds: two processors have time for three.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  testSequencer: '<rootDir>/test/support/order.cjs',
  projects: process.env.CLUSTERS
    ? [clusters]
    : [
        {
          ...shared,
          displayName: 'default',
          moduleNameMapper: ourPackage,
          testMatch: ['<rootDir>/test/**/*.test.ts'],
          globals: { backendsOfProject: besidesMysql },
          testPathIgnorePatterns: [
            '\\.typeorm-0\\.3\\.test\\.ts$',
            '<rootDir>/test/(faults|clusters)/',
            '<rootDir>/test/support/servers/mysql\\.test\\.ts$',
            ...ofOthersThanDefault,
          ],
          globalSetup: '<rootDir>/test/support/global-setup.ts',
          globalTeardown: '<rootDir>/test/support/global-teardown.ts',
        },
        ...(selected.includes('mysql') ? [mysqlItself] : []),
        {
          ...shared,
          displayName: 'typeorm-0.3',
          moduleNameMapper: { ...ourPackage, '^typeorm$': 'typeorm-0.3', '^typeorm/(.*)$': 'typeorm-0.3/$1' },
          testMatch: ['<rootDir>/test/backends/*.typeorm-0.3.test.ts'],
          testPathIgnorePatterns: ofOthers(selected),
        },
        {
          ...shared,
          // These break servers: they start their own ones.
          displayName: 'faults',
          moduleNameMapper: ourPackage,
          testMatch: ['<rootDir>/test/faults/*.test.ts'],
          testPathIgnorePatterns: ofOthers(selected),
          globalSetup: '<rootDir>/test/faults/support/global-setup.ts',
          globalTeardown: '<rootDir>/test/faults/support/global-teardown.ts',
        },
      ],
};
