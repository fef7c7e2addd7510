import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { devDependencies } from '../../package.json';
import { PRISMA_VERSION } from '../orms/prisma-application';
import { askPostgres } from '../support/ask';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { Application } from './application';
import { run } from './command';
import { packPackage } from './packed-package';
import { nestPackages, nestReleases, StackDocument } from './stack-of-document';

/*
 * An application in an empty folder that follows docs/prisma.md: the packed package, PostgreSQL, no TypeORM. Its code is
 * that of the page; written here is what the page takes as known.
 */

jest.setTimeout(180_000);

const SCHEMA = `
generator client {
  provider     = "prisma-client"
  output       = "./sources/generated"
  moduleFormat = "cjs"
  importFileExtension = "js"
}
datasource db {
  provider = "postgresql"
}
model Order {
  id Int @id
  @@map("orders")
}
model Invoice {
  orderId Int @id @map("order_id")
  @@map("invoices")
}
`;

const AMBIENT = {
  '@nestjs-cls/transactional': devDependencies['@nestjs-cls/transactional'],
  '@nestjs-cls/transactional-adapter-prisma': '1.4.1',
  'nestjs-cls': devDependencies['nestjs-cls'],
};

const TABLES = `
create table orders (id integer primary key);
create table invoices (order_id integer primary key);
`;

const PRISMA_SERVICE = `
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

@Injectable()
export class PrismaService extends PrismaClient implements OnModuleDestroy {
  constructor() {
    super({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL! }) });
  }

  async onModuleDestroy(): Promise<void> {
    await this.$disconnect();
  }
}
`;

/** Adds twice by the page's code: a failure after the add rolls back the first. */
const main = (module: string, addInTransaction: string) => `
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JobQueueModule, JobQueueService } from 'nestjs-simple-job-queue';
import { PrismaService } from './prisma.service.js';

const queueModule = ${module}
@Module({ imports: [queueModule], providers: [PrismaService] })
class AppModule {}

async function add(prisma: PrismaService, queue: Pick<JobQueueService, 'addJob'>): Promise<void> {
${addInTransaction}
}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const prisma = app.get(PrismaService);
  const queue = app.get(JobQueueService);
  const counts = async () => [await prisma.order.count(), await queue.getReadyCount('send_invoice')];
  const failing: Pick<JobQueueService, 'addJob'> = {
    addJob: async (pipeline: never, payload: never, options: never) => {
      await queue.addJob(pipeline, payload, options);
      throw new Error('no invoice today');
    },
  };
  const failure = await add(prisma, failing).catch((error: Error) => error.message);
  console.log(failure, ...(await counts()));
  await add(prisma, queue);
  console.log('added', ...(await counts()));
  await app.close();
}
void main();
`;

const worker = (module: string) => `
import { Global, Module } from '@nestjs/common';
import { JobQueueModule, JobQueueService, type Job, Process, Processor, runWorker } from 'nestjs-simple-job-queue';
import { sqlBackend } from 'nestjs-simple-job-queue/sql';
import { InvoiceProcessor } from './invoice.processor.js';
import { PrismaService } from './prisma.service.js';

@Global()
@Module({ providers: [PrismaService], exports: [PrismaService] })
class PrismaModule {}

@Processor()
class MailProcessor {
  constructor(private readonly prisma: PrismaService, private readonly queue: JobQueueService) {}

  @Process('send_invoice')
  async send({ payload }: Job<{ orderId: number }>): Promise<void> {
    await this.queue.addJob('write_invoices', payload);
  }

  @Process('send_mail')
  async mail({ payload }: Job<{ orderId: number }>): Promise<void> {
    console.log('mail of', payload.orderId, 'invoices', await this.prisma.invoice.count());
    process.kill(process.pid, 'SIGTERM');
  }
}

const queueModule = ${module}
@Module({ imports: [PrismaModule, queueModule], providers: [InvoiceProcessor, MailProcessor] })
class WorkerModule {}
void runWorker(WorkerModule);
`;

/** Its transactions are those of `@Transactional()`: the queue is not given them. */
const ambient = (module: string) => `
import { Global, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClsPluginTransactional, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterPrisma } from '@nestjs-cls/transactional-adapter-prisma';
import { ClsModule } from 'nestjs-cls';
import { JobQueueModule, JobQueueService } from 'nestjs-simple-job-queue';
import { PrismaService } from './prisma.service.js';

@Global()
@Module({ providers: [PrismaService], exports: [PrismaService] })
class PrismaModule {}

@Injectable()
class Orders {
  constructor(
    private readonly host: TransactionHost<TransactionalAdapterPrisma<PrismaService>>,
    private readonly queue: JobQueueService,
  ) {}

  @Transactional()
  async place(id: number, fails: boolean): Promise<void> {
    await this.host.tx.order.create({ data: { id } });
    await this.queue.addJob('ambient', { orderId: id });
    if (fails) throw new Error('out of stock');
  }
}

const adapter = new TransactionalAdapterPrisma({ prismaInjectionToken: PrismaService });
const plugins = [new ClsPluginTransactional({ imports: [PrismaModule], adapter })];
const queueModule = ${module}
@Module({ imports: [PrismaModule, ClsModule.forRoot({ plugins }), queueModule], providers: [Orders] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const [orders, prisma, queue] = [app.get(Orders), app.get(PrismaService), app.get(JobQueueService)];
  const counts = async () => [await prisma.order.count(), await queue.getReadyCount('ambient')];
  const failure = await orders.place(8, true).catch((error: Error) => error.message);
  console.log(failure, ...(await counts()));
  await orders.place(9, false);
  console.log('placed', ...(await counts()));
  await queue.addJob('ambient', {});
  console.log('outside', ...(await counts()));
  await app.close();
}
void main();
`;

const processor = (code: string) => `
import { type Job, JobQueueService, Process, Processor } from 'nestjs-simple-job-queue';
import { Prisma } from './generated/client.js';
${code}`;

let folder: TemporaryFolder;
let tarball: string;
let page: StackDocument;
let transactions: StackDocument;
let database: FreshDatabase;

beforeAll(async () => {
  folder = await temporaryFolder('prisma');
  [tarball, page, transactions] = await Promise.all([
    packPackage(folder.path),
    StackDocument.read('prisma.md'),
    StackDocument.read('transactions.md'),
  ]);
});
afterAll(() => folder.remove());

beforeEach(async () => {
  database = await freshPostgresDatabase();
  await askPostgres(database.url, TABLES);
});
afterEach(() => database.drop());

function versions(): Record<string, string> {
  const names = [...page.packages('npm install'), ...page.packages('npm install --save-dev')];
  const known: Record<string, string> = { ...devDependencies, 'nestjs-simple-job-queue': tarball };
  return Object.fromEntries(
    names.map((name) => [name, /^(@prisma\/|prisma$)/.test(name) ? PRISMA_VERSION : known[name]!]),
  );
}

it.each(nestReleases)('Prisma and PostgreSQL run on Nest %s without TypeORM', async (nest) => {
  const place = join(folder.path, `nest-${nest}`);
  const sources = join(place, 'sources');
  const application = new Application(place, sources);
  await application.install({ dependencies: { ...nestPackages(nest), ...versions(), ...AMBIENT } });
  expect(await application.installed('typeorm')).toEqual([]);

  await mkdir(sources);
  const code = {
    'prisma.service.ts': PRISMA_SERVICE,
    'main.ts': main(
      page.block('forRoot({ backend: process.env'),
      page.block('prisma.$transaction(async (transaction)'),
    ),
    'worker.ts': worker(page.block('forRootAsync')),
    'ambient.ts': ambient(transactions.block('(host: TransactionHost) =>')),
    'invoice.processor.ts': processor(page.block('@Processor()')),
  };
  for (const [name, text] of Object.entries(code)) await writeFile(join(sources, name), text);
  await writeFile(join(place, 'schema.prisma'), SCHEMA);
  await run('npx', ['prisma', 'generate', '--schema', 'schema.prisma'], {
    cwd: place,
    // Generating needs no engine, but would load one.
    environment: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
  // The adapter of @nestjs-cls/transactional does not compile with exactOptionalPropertyTypes.
  await application.compile('commonjs', { skipLibCheck: true, exactOptionalPropertyTypes: false });

  const start = (program: string) =>
    application.start(process.execPath, 'commonjs', [program], { DATABASE_URL: database.url });
  expect(await start('main.js')).toBe('no invoice today 0 0\nadded 1 1\n');
  expect(await start('worker.js')).toContain('mail of 1 invoices 1\n');
  expect(await start('ambient.js')).toBe('out of stock 1 0\nplaced 2 1\noutside 2 2\n');
});
