import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { sqlBackend } from 'nestjs-simple-job-queue/sql';

const OUT = join(__dirname, '..', '..', 'out');
const FILE = join(OUT, 'drizzle-shop.sqlite');

export const orders = sqliteTable('sample_orders', {
  id: integer().primaryKey({ autoIncrement: true }),
  customer: text().notNull(),
});

export const invoices = sqliteTable('sample_invoices', {
  id: integer().primaryKey({ autoIncrement: true }),
  orderId: integer('order_id').notNull(),
  customer: text().notNull(),
  attempt: integer().notNull(),
});

mkdirSync(OUT, { recursive: true });

/** For what is read, and for the transactions, which are begun on it one after the other. */
export const sqlite = new BetterSqlite3(FILE);
sqlite.pragma('journal_mode = wal');
sqlite.exec(`
create table if not exists sample_orders (id integer primary key autoincrement, customer text not null);
create table if not exists sample_invoices (
  id integer primary key autoincrement, order_id integer not null, customer text not null, attempt integer not null
);`);
export const db = drizzle(sqlite);

/** `begin immediate` for an order; the queue itself takes the lock for a job. */
export async function inTransaction(begin: string, work: () => Promise<void>): Promise<void> {
  sqlite.exec(begin);
  try {
    await work();
    sqlite.exec('commit');
  } catch (error) {
    sqlite.exec('rollback');
    throw error;
  }
}

export function jobBackend() {
  return sqlBackend(`sqlite:${FILE}`, {
    transaction: (work) => inTransaction('begin', () => work(sqlite)),
  });
}
