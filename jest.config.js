'use strict';

/*
 * BACKENDS=sqlite,postgres npm test narrows a run. A test file that begins with a backend's name is that backend's
 * (test/backends/postgres-schema.test.ts); one that is for several asks `selectedBackends()` which to go through, and
 * is named `….sql.test.ts` when it has nothing to go through without a SQL backend.
 */
const backends = ['memory', 'sqlite', 'postgres', 'mysql', 'beanstalkd'];
const selected = process.env.BACKENDS ? process.env.BACKENDS.split(',') : backends;
const unknown = selected.filter((name) => !backends.includes(name));
if (unknown.length > 0) {
  throw new Error(
    `BACKENDS names ${unknown.join(', ')}: possible are ${backends.join(', ')}, separated by commas.`,
  );
}
// For the setup and the test files, which inherit the environment of this process.
process.env.BACKENDS = selected.join(',');

const ofOthers = backends
  .filter((name) => !selected.includes(name))
  .map((name) => `<rootDir>/test/(.*/)?${name}[^/]*\\.test\\.ts$`);
if (!selected.some((name) => ['sqlite', 'postgres', 'mysql'].includes(name)))
  ofOthers.push('\\.sql\\.test\\.ts$');

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
  transform: {
    '\\.ts$': swc({ syntax: 'typescript', decorators: true }),
    '\\.m?js$': swc({ syntax: 'ecmascript' }),
  },
  // ES modules, which jest cannot require: Nest 12, arktype and superjson with what they need.
  transformIgnorePatterns: ['/node_modules/(?!@nestjs/|@ark/|ark|superjson/|copy-anything/|is-what/)'],
};

const ourPackage = {
  '^nestjs-simple-job-queue$': '<rootDir>/lib/index.ts',
  '^nestjs-simple-job-queue/(typeorm|beanstalkd|testing)$': '<rootDir>/lib/$1.ts',
  // The dynamic imports of lib/backends/open-backend.ts name the compiled files.
  '^(\\./(?:sql|beanstalkd)/[a-z/-]+)\\.js$': '$1',
};

module.exports = {
  testTimeout: 30_000,
  // Test files mostly wait for servers and for whole seconds, so none has to wait for another.
  maxWorkers: '100%',
  projects: [
    {
      ...shared,
      displayName: 'default',
      moduleNameMapper: ourPackage,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.typeorm-0\\.3\\.test\\.ts$', '<rootDir>/test/faults/', ...ofOthers],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    },
    {
      ...shared,
      displayName: 'typeorm-0.3',
      moduleNameMapper: { ...ourPackage, '^typeorm$': 'typeorm-0.3', '^typeorm/(.*)$': 'typeorm-0.3/$1' },
      testMatch: ['<rootDir>/test/backends/*.typeorm-0.3.test.ts'],
      testPathIgnorePatterns: ofOthers,
    },
    {
      ...shared,
      // These break servers: they start their own ones.
      displayName: 'faults',
      moduleNameMapper: ourPackage,
      testMatch: ['<rootDir>/test/faults/*.test.ts'],
      testPathIgnorePatterns: ofOthers,
      globalSetup: '<rootDir>/test/faults/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/faults/support/global-teardown.ts',
    },
  ],
};
