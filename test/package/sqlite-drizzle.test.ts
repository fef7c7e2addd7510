import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { devDependencies } from '../../package.json';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { Application } from './application';
import { packPackage } from './packed-package';
import { nestPackages, nestReleases, StackDocument } from './stack-of-document';

/*
 * An application in an empty folder that follows docs/drizzle.md: the packed package, SQLite, no TypeORM. Its code is that
 * of the page; written here is what the page takes as known.
 */

jest.setTimeout(180_000);

const BETTER_SQLITE3_TYPES = { '@types/better-sqlite3': '9.6.0' };

const TABLES = `
create table orders (id integer primary key);
create table invoices (order_id integer primary key);
`;

const DATABASE = `
import BetterSqlite3 from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';

export const orders = sqliteTable('orders', { id: integer().primaryKey() });
export const invoices = sqliteTable('invoices', { orderId: integer('order_id').primaryKey() });
export const sqlite = new BetterSqlite3('app.sqlite');
export const db = drizzle(sqlite);
`;

/** Adds twice by the page's code: a failure after the add rolls back the first. */
const main = (addInTransaction: string) => `
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JobQueueModule, JobQueueService } from 'nestjs-simple-job-queue';
import { db, orders, sqlite } from './database.js';

@Module({ imports: [JobQueueModule.forRoot({ backend: 'sqlite:app.sqlite' })] })
class AppModule {}

async function add(queue: Pick<JobQueueService, 'addJob'>): Promise<void> {
${addInTransaction}
}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const queue = app.get(JobQueueService);
  const counts = async () => [await db.$count(orders), await queue.getReadyCount('send_invoice')];
  const failing: Pick<JobQueueService, 'addJob'> = {
    addJob: async (pipeline: never, payload: never, options: never) => {
      await queue.addJob(pipeline, payload, options);
      throw new Error('no invoice today');
    },
  };
  const failure = await add(failing).catch((error: Error) => error.message);
  console.log(failure, ...(await counts()));
  await add(queue);
  console.log('added', ...(await counts()));
  await app.close();
  sqlite.close();
}
void main();
`;

const worker = (backend: string) => `
import { Module } from '@nestjs/common';
import type BetterSqlite3 from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { type Job, JobQueueModule, JobQueueService, Process, Processor, runWorker } from 'nestjs-simple-job-queue';
import { sqlBackend } from 'nestjs-simple-job-queue/sql';
import { db, invoices, sqlite } from './database.js';

type Invoice = { orderId: number };

@Processor()
class InvoiceProcessor {
  constructor(private readonly queue: JobQueueService) {}

  @Process('send_invoice')
  async send({ payload }: Job<Invoice>): Promise<void> {
    await this.queue.addJob('write_invoices', payload);
  }

  @Process('write_invoices', { transaction: true })
  async write({ payload, transaction }: Job<Invoice, BetterSqlite3.Database>): Promise<void> {
    drizzle(transaction).insert(invoices).values({ orderId: payload.orderId }).run();
    await this.queue.addJob('send_mail', payload, { transaction });
  }

  @Process('send_mail')
  async mail({ payload }: Job<Invoice>): Promise<void> {
    console.log('mail of', payload.orderId, 'invoices', await db.$count(invoices));
    process.kill(process.pid, 'SIGTERM');
  }
}

const backend = ${backend}
@Module({ imports: [JobQueueModule.forRoot({ backend })], providers: [InvoiceProcessor] })
class WorkerModule {}
void runWorker(WorkerModule);
`;

let folder: TemporaryFolder;
let tarball: string;
let page: StackDocument;

beforeAll(async () => {
  folder = await temporaryFolder('drizzle');
  [tarball, page] = await Promise.all([packPackage(folder.path), StackDocument.read('drizzle.md')]);
});
afterAll(() => folder.remove());

it.each(nestReleases)('Drizzle and SQLite run on Nest %s without TypeORM', async (nest) => {
  const place = join(folder.path, `nest-${nest}`);
  const sources = join(place, 'sources');
  const application = new Application(place, sources);
  const ours = { 'nestjs-simple-job-queue': tarball };
  const known: Record<string, string> = { ...devDependencies, ...BETTER_SQLITE3_TYPES, ...ours };
  const named = page.packages('npm install nestjs-simple-job-queue better-sqlite3');
  const types = page.packages('npm install --save-dev');
  const packages = ['nestjs-simple-job-queue', 'better-sqlite3', ...named, ...types];
  await application.install({
    dependencies: {
      ...nestPackages(nest),
      ...Object.fromEntries(packages.map((name) => [name, known[name]!])),
    },
  });
  await application.takeCompiledAddon();
  expect(await application.installed('typeorm')).toEqual([]);

  await mkdir(sources);
  const code = {
    'database.ts': DATABASE,
    'main.ts': main(page.block('transaction: sqlite }')),
    'worker.ts': worker(page.block("sqlBackend('sqlite:app.sqlite'")),
  };
  for (const [name, text] of Object.entries(code)) await writeFile(join(sources, name), text);
  await application.compile('commonjs', { skipLibCheck: true });

  const database = new BetterSqlite3(join(place, 'commonjs/dist/app.sqlite'));
  database.exec(TABLES);
  database.close();
  const start = (program: string) => application.start(process.execPath, 'commonjs', [program]);
  expect(await start('main.js')).toBe('no invoice today 0 0\nadded 1 1\n');
  expect(await start('worker.js')).toContain('mail of 1 invoices 1\n');
});
