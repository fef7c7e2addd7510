import { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import { type DynamicModule, Module } from '@nestjs/common';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable } from 'drizzle-orm/pg-core';
import knex from 'knex';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { DataTypes, Sequelize, Transaction } from 'sequelize';
import {
  type Job,
  JobQueueModule,
  JobQueueService,
  Process,
  Processor,
  type QueueBackend,
} from '../../lib/index';
import { sqlBackend } from '../../lib/sql';
import { application, closeApplications, queueApplication } from '../nest/application';
import { exportsOf } from '../support/document-code';
import { Opened } from '../support/opened';
import { until } from '../support/until';
import { blockOf, outcomeOf } from './document-run';
import { newPlace, type Place } from './place';

/* The code of the documents about libraries that is for a server, on PostgreSQL. */

const opened = new Opened();
let place: Place;

beforeEach(async () => (place = await newPlace('postgres')));
afterEach(async () => {
  await closeApplications();
  await opened.close();
  await place.remove();
});

function newPool(): Pool {
  const pool = new Pool({ connectionString: place.application });
  opened.add({ close: () => pool.end() });
  return pool;
}

/** Each library as its page names it. */
const libraries = {
  drizzle: () => ({ db: drizzle(newPool()), orders: pgTable('orders', { id: integer().primaryKey() }) }),
  kysely: () => {
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: newPool() }) });
    return { db };
  },
  knex: () => {
    const db = knex({ client: 'pg', connection: place.application });
    opened.add({ close: () => db.destroy() });
    return { knex: db };
  },
  mikroOrm: async () => {
    const properties = { id: { type: 'number', primary: true } } as const;
    const Order = new EntitySchema({ name: 'Order', tableName: 'orders', properties });
    const orm = opened.add(await MikroORM.init({ clientUrl: place.application, entities: [Order] }));
    return { orm, Order };
  },
  sequelize: () => {
    const sequelize = new Sequelize(place.application, { logging: false, dialect: 'postgres' });
    opened.add(sequelize);
    const id = { type: DataTypes.INTEGER, primaryKey: true };
    return {
      sequelize,
      Order: sequelize.define('orders', { id }, { timestamps: false }),
      isolationLevel: Transaction.ISOLATION_LEVELS.READ_COMMITTED,
    };
  },
};

const adding = [
  { page: 'drizzle.md', words: 'await db.transaction(async (transaction)', library: libraries.drizzle },
  { page: 'other-orms.md', words: 'insertInto', library: libraries.kysely },
  { page: 'other-orms.md', words: 'await knex.transaction', library: libraries.knex },
  { page: 'other-orms.md', words: 'await orm.em.fork().transactional', library: libraries.mikroOrm },
  { page: 'other-orms.md', words: 'await sequelize.transaction', library: libraries.sequelize },
];

it.each(adding)(
  'docs/$page has code that adds in a transaction: $words',
  async ({ page, words, library }) => {
    expect(await outcomeOf(place, blockOf(page, words), await library())).toEqual([1, 1]);
  },
);

it('docs/other-orms.md has code that adds in a transaction of a connection', async () => {
  const client = await newPool().connect();
  expect(await outcomeOf(place, blockOf('other-orms.md', 'transaction: client'), { client })).toEqual([1, 1]);
  client.release();
});

it('docs/other-orms.md has an object of your own that is taken for a transaction', async () => {
  const client = await newPool().connect();
  const session = {
    run: async (text: string, parameters: unknown[]) => (await client.query<object>(text, parameters)).rows,
  };
  await client.query('begin');
  const block = `${blockOf('other-orms.md', 'session.run')}
    await queue.addJob('send_invoice', {}, { transaction });`;
  expect(await outcomeOf(place, block, { session })).toEqual([0, 0]);
  await client.query('commit');
  const { queue } = await queueApplication([], { backend: place.queue });
  expect(await queue.getReadyCount('send_invoice')).toBe(1);
  client.release();
});

it('docs/other-orms.md has a queue on the application’s pool', async () => {
  const { queueModule } = exportsOf<{ queueModule: DynamicModule }>(
    `export const queueModule = ${blockOf('other-orms.md', 'sqlBackend({ pool })')}`,
    { JobQueueModule, sqlBackend, pool: newPool() },
  );
  const queue = (await application({ imports: [queueModule] })).get(JobQueueService);
  const id = await queue.addJob('send_invoice', { orderId: 1 });
  expect((await queue.findJob(id))?.payload).toEqual({ orderId: 1 });
});

/** Of a page, the expression that opens a queue. */
const backendOf = (code: string, scope: object): QueueBackend =>
  exportsOf<{ backend: QueueBackend }>(`export const backend = ${code}`, {
    ...{ sqlBackend, url: place.queue },
    ...scope,
  }).backend;

/** Has a handler of that queue add a job in its transaction, at two attempts, of which the first one fails. */
async function expectHandled(backend: QueueBackend): Promise<void> {
  @Processor({ attempts: 2, backoff: 0 })
  class Invoices {
    constructor(private readonly queue: JobQueueService) {}

    @Process('write_invoices', { transaction: true })
    async write({ attempt, transaction }: Job<unknown, object>): Promise<void> {
      await this.queue.addJob('send_mail', attempt, { transaction });
      if (attempt === 1) throw new Error('the printer is out of paper');
    }
  }

  const { queue } = await queueApplication([Invoices], { backend });
  await queue.addJob('write_invoices', {});
  const mail = await until(
    'the mail is there',
    async () => {
      expect(await queue.peek('write_invoices', 'buried')).toEqual([]);
      return (await queue.peek('send_mail', 'ready'))[0];
    },
    { within: 20 },
  );
  expect(mail.payload).toBe(2);
  expect(await queue.getReadyCount('send_mail')).toBe(1);
}

const ON_ONE_LINE = 'sqlBackend(url, { transaction: (work) => knex';

it('docs/other-orms.md has no library without a line that runs handlers', () => {
  expect(blockOf('other-orms.md', ON_ONE_LINE).trim().split('\n')).toHaveLength(running.length);
});

const running = [
  { words: 'db.transaction()', library: libraries.kysely },
  { words: 'knex.transaction', library: libraries.knex },
  { words: 'orm.em', library: libraries.mikroOrm },
  { words: 'sequelize.transaction', library: libraries.sequelize },
];

it.each(running)('docs/other-orms.md has a line that runs handlers: $words', async ({ words, library }) => {
  const lines = blockOf('other-orms.md', ON_ONE_LINE).split('\n');
  const line = lines.find((each) => each.includes(words))!;
  await expectHandled(backendOf(line, await library()));
});

it('docs/other-orms.md has a function that runs handlers on a driver alone', async () => {
  await expectHandled(backendOf(blockOf('other-orms.md', 'pool.connect()'), { pool: newPool() }));
});

it('docs/drizzle.md has a processor whose effect commits with its job', async () => {
  await place.ask('create table invoices (order_id integer primary key)');
  const invoices = pgTable('invoices', { orderId: integer('order_id').primaryKey() });
  const DRIZZLE = Symbol('drizzle');
  // With the Reflect of this realm, which knows what is to be injected.
  const nest = { JobQueueModule, JobQueueService, Process, Processor, Reflect };
  const scope = { ...nest, invoices, DRIZZLE, sqlBackend };

  @Module({ providers: [{ provide: DRIZZLE, useValue: libraries.drizzle().db }], exports: [DRIZZLE] })
  class DrizzleModule {}

  const module = `export const queueModule = (DATABASE_URL) => {
    const process = { env: { DATABASE_URL } };
    return ${blockOf('drizzle.md', 'forRootAsync')}
  };`;
  const { queueModule, InvoiceProcessor } = exportsOf<{
    queueModule: (url: string) => DynamicModule;
    InvoiceProcessor: new (queue: JobQueueService) => object;
  }>(`${module}\n${blockOf('drizzle.md', '@Processor()')}`, scope);
  const drizzleIsGlobal = { module: DrizzleModule, global: true };
  const app = await application({
    imports: [drizzleIsGlobal, queueModule(place.queue)],
    providers: [InvoiceProcessor],
  });
  const queue = app.get(JobQueueService);
  await queue.addJob('write_invoices', { orderId: 7 });
  await until(
    'the mail is there',
    async () => {
      expect(await queue.peek('write_invoices', 'buried')).toEqual([]);
      return (await queue.getReadyCount('send_mail')) === 1;
    },
    { within: 20 },
  );
  expect(await place.ask('select order_id from invoices')).toEqual([{ order_id: 7 }]);
  expect(await queue.getReadyCount('write_invoices')).toBe(0);
});
