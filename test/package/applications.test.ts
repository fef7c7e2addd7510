import { join } from 'node:path';
import { devDependencies } from '../../package.json';
import { itSideBySide } from '../support/side-by-side';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { Application, type ModuleFormat } from './application';
import { installNode } from './node-release';
import { packPackage } from './packed-package';

/*
 * Applications as users have them install the packed package, are compiled, and process a job in a worker process, on
 * the Node that runs the tests and on the current LTS.
 */

const NODE_LTS = '24.21.0';

const FORMATS: readonly ModuleFormat[] = ['commonjs', 'module'];

// Packages are downloaded and whole applications compiled, beside other tests.
const SECONDS = 180;
jest.setTimeout(SECONDS * 1000);

let folder: TemporaryFolder;
let tarball: string;
let nodeLts: string;

beforeAll(async () => {
  folder = await temporaryFolder('package');
  tarball = await packPackage(folder.path);
  nodeLts = await installNode(NODE_LTS, join(folder.path, 'node'));
});

afterAll(() => folder.remove());

describe.each([
  { nest: '11.2.10', typeorm: '0.3.31' },
  { nest: devDependencies['@nestjs/core'], typeorm: devDependencies.typeorm },
])('a Nest $nest application with TypeORM $typeorm', ({ nest, typeorm }) => {
  let application: Application;

  const dependencies = () => ({
    '@nestjs/common': nest,
    '@nestjs/core': nest,
    '@types/node': devDependencies['@types/node'],
    fivebeans: devDependencies.fivebeans,
    'nestjs-simple-job-queue': tarball,
    'reflect-metadata': devDependencies['reflect-metadata'],
    rxjs: devDependencies.rxjs,
    typeorm,
  });

  beforeAll(async () => {
    application = new Application(join(folder.path, `nest-${nest}`));
    await application.install({
      dependencies: { ...dependencies(), 'better-sqlite3': devDependencies['better-sqlite3'] },
    });
    await application.takeCompiledAddon();
  });

  it.each(FORMATS)('compiles as %s, our type definitions included', (format) => application.compile(format));

  itSideBySide(
    FORMATS.map((format) => [
      `runs the conformance suite with Node's test runner, as ${format}`,
      async () => {
        const report = await application.start(process.execPath, format, ['--test', 'memory.conformance.js']);
        expect(report).toContain('fail 0');
      },
    ]),
    SECONDS,
  );

  describe(`on Node ${process.versions.node}`, () => {
    processesJobs(() => process.execPath);
  });

  describe(`on Node ${NODE_LTS}`, () => {
    // It has a SQLite of its own: no package that would have to be compiled.
    beforeAll(() => application.install({ dependencies: dependencies() }));

    processesJobs(() => nodeLts);
  });

  function processesJobs(node: () => string): void {
    describe.each(FORMATS)('%s', (format) => {
      const start = (args: readonly string[], environment?: NodeJS.ProcessEnv) =>
        application.start(node(), format, args, environment);

      it('processes a job in a worker process, which SIGTERM ends with exit code 0', async () => {
        const queue = { JOB_QUEUE_URL: 'sqlite:jobs.sqlite' };
        await start(['main.js'], queue);
        const printed = await start(['worker.js'], queue);
        expect(printed).toContain('Hello Ada\n');
        expect(printed).toContain('SIGTERM');
      });

      it('loads every entry point', async () => {
        expect(await start(['entry-points.js'])).toBe('memory sqlite sqlite beanstalkd\n');
      });
    });
  }
});
