import { join } from 'node:path';
import { devDependencies } from '../../package.json';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { Application, type ModuleFormat } from './application';
import { packPackage } from './packed-package';

/*
 * The board on the lowest and on the newest bull-board that package.json takes, as users have both: neither bull nor
 * bullmq is installed, and every answer is held against bull-board's own schema where it has one.
 */

const LOWEST = '9.4.0';
const NEWEST = '^9.4.0';
const FORMATS: readonly ModuleFormat[] = ['commonjs', 'module'];

// Packages are downloaded and whole applications compiled, beside other tests.
jest.setTimeout(180_000);

let folder: TemporaryFolder;
let tarball: string;

beforeAll(async () => {
  folder = await temporaryFolder('board');
  tarball = await packPackage(folder.path);
});

afterAll(() => folder.remove());

describe.each([LOWEST, NEWEST])('bull-board %s', (version) => {
  let application: Application;

  beforeAll(async () => {
    application = new Application(join(folder.path, version.replace('^', 'newest-')), 'board');
    await application.install({
      dependencies: {
        '@bull-board/api': version,
        '@bull-board/express': version,
        '@bull-board/fastify': version,
        '@bull-board/ui': version,
        '@nestjs/common': devDependencies['@nestjs/common'],
        '@nestjs/core': devDependencies['@nestjs/core'],
        '@nestjs/platform-express': devDependencies['@nestjs/platform-express'],
        '@nestjs/platform-fastify': devDependencies['@nestjs/platform-fastify'],
        // Of Nest's type definitions, which are checked, too.
        '@types/express': '^5.0.0',
        '@types/node': devDependencies['@types/node'],
        'nestjs-simple-job-queue': tarball,
        'reflect-metadata': devDependencies['reflect-metadata'],
        rxjs: devDependencies.rxjs,
      },
    });
  });

  it.each(FORMATS)('answers all that its page asks, in an application of %s', async (format) => {
    await application.compile(format, { types: ['node'], lib: ['es2023', 'dom'] });
    expect(JSON.parse(await application.start(process.execPath, format, ['main.js']))).toEqual({
      installed: [],
      wrong: [],
    });
  });
});
