import { AsyncLocalStorage } from 'node:async_hooks';
import type { DynamicModule } from '@nestjs/common';
import BetterSqlite3 from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';
import knex from 'knex';
import { Kysely, SqliteDialect } from 'kysely';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { application, closeApplications } from '../nest/application';
import { exportsOf, ran } from '../support/document-code';
import { blockOf, outcomeOf } from './document-run';
import { newPlace, type Place } from './place';

describe('the documents about libraries', () => {
  let place: Place;
  beforeEach(async () => (place = await newPlace('sqlite')));
  afterEach(async () => {
    await closeApplications();
    await place.remove();
  });

  it('have code of Drizzle on SQLite that runs', async () => {
    const sqlite = new BetterSqlite3(place.application);
    const orders = sqliteTable('orders', { id: integer().primaryKey() });
    const scope = { sqlite, db: drizzle(sqlite), orders };
    expect(await outcomeOf(place, blockOf('drizzle.md', 'transaction: sqlite'), scope)).toEqual([1, 1]);
    sqlite.close();
  });

  /** How many jobs there are when the transaction of the block was rolled back, and when it has committed. */
  async function outcomeOfCurrent(words: string, library: Record<string, unknown>): Promise<number[]> {
    const block = (part: string) => blockOf('transactions.md', part);
    const { current, queueModule } = exportsOf<{
      current: AsyncLocalStorage<object>;
      queueModule: DynamicModule;
    }>(`${block('new AsyncLocalStorage<object>')}\nexport { current, queueModule };`, {
      AsyncLocalStorage,
      JobQueueModule,
      backend: place.queue,
    });
    const app = await application({ imports: [queueModule] });
    const queue = app.get(JobQueueService);
    const order = { id: 1 };
    const scope = {
      ...library,
      current,
      order,
      async place({ id }: typeof order): Promise<void> {
        await queue.addJob('send_invoice', { orderId: id });
        expect(await queue.getReadyCount('send_invoice')).toBe(0);
      },
    };
    const failing = { ...scope, place: () => scope.place(order).then(() => Promise.reject(new Error('no'))) };
    await expect(ran(block(words), failing)).rejects.toThrow('no');
    const rolledBack = await queue.getReadyCount('send_invoice');
    await ran(block(words), scope);
    return [rolledBack, await queue.getReadyCount('send_invoice')];
  }

  it('have code that keeps the current transaction of Kysely', async () => {
    const database = new BetterSqlite3(place.application);
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: database as never }) });
    expect(
      await outcomeOfCurrent('current.run(transaction, () => place(order))); // Kysely', { db }),
    ).toEqual([0, 1]);
    await db.destroy();
  });

  it('have code that keeps the current transaction of Knex', async () => {
    const connection = { filename: place.application };
    const db = knex({ client: 'better-sqlite3', connection, useNullAsDefault: true });
    expect(await outcomeOfCurrent('await knex.transaction((transaction) => current', { knex: db })).toEqual([
      0, 1,
    ]);
    await db.destroy();
  });

  it('have code of Kysely that runs', async () => {
    const database = new BetterSqlite3(place.application);
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: database as never }) });
    expect(await outcomeOf(place, blockOf('other-orms.md', 'insertInto'), { db })).toEqual([1, 1]);
    await db.destroy();
  });

  it('have code of Knex that runs', async () => {
    const connection = { filename: place.application };
    const db = knex({ client: 'better-sqlite3', connection, useNullAsDefault: true });
    expect(await outcomeOf(place, blockOf('other-orms.md', 'knex.transaction'), { knex: db })).toEqual([
      1, 1,
    ]);
    await db.destroy();
  });
});
