import { join } from 'node:path';
import { devDependencies } from '../../package.json';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { Application } from './application';
import { packPackage } from './packed-package';

/*
 * An application as teams have it, on the packed package: repositories of @nestjs/typeorm, ConfigModule, class-validator
 * for requests and for payloads, and a global guard that was written for requests.
 */

jest.setTimeout(180_000);

let folder: TemporaryFolder;
let tarball: string;

beforeAll(async () => {
  folder = await temporaryFolder('shop');
  tarball = await packPackage(folder.path);
});

afterAll(() => folder.remove());

it.each([
  { nest: '11.2.10', nestTypeorm: '11.0.3', config: '4.0.4', typeorm: '0.3.31' },
  {
    nest: devDependencies['@nestjs/core'],
    nestTypeorm: devDependencies['@nestjs/typeorm'],
    config: devDependencies['@nestjs/config'],
    typeorm: devDependencies.typeorm,
  },
])('a shop on Nest $nest with TypeORM $typeorm takes an order and confirms it', async (versions) => {
  const application = new Application(join(folder.path, `nest-${versions.nest}`), 'shop');
  await application.install({
    dependencies: {
      '@nestjs/common': versions.nest,
      '@nestjs/config': versions.config,
      '@nestjs/core': versions.nest,
      '@nestjs/platform-express': versions.nest,
      '@nestjs/typeorm': versions.nestTypeorm,
      '@types/node': devDependencies['@types/node'],
      'better-sqlite3': devDependencies['better-sqlite3'],
      'class-transformer': devDependencies['class-transformer'],
      'class-validator': devDependencies['class-validator'],
      'nestjs-simple-job-queue': tarball,
      'reflect-metadata': devDependencies['reflect-metadata'],
      rxjs: devDependencies.rxjs,
      typeorm: versions.typeorm,
    },
  });
  await application.takeCompiledAddon();
  await application.compile('commonjs', { skipLibCheck: true });
  const printed = await application.start(process.execPath, 'commonjs', ['main.js'], {
    SHOP_KEY: 'key',
    SHOP_FILE: 'shop.sqlite',
  });
  const [report = '', ...others] = printed.trim().split('\n');
  expect(others).toEqual([]);
  expect(JSON.parse(report)).toEqual({
    statuses: [403, 400, 422, 201],
    mistaken: ['email'],
    emails: ['ada@example.org'],
    ready: 0,
  });
});
