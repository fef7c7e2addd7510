import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import { Invoice } from './invoices/invoice';
import { Order } from './orders/order';

const OUT = join(__dirname, '..', 'out');

/** The application's database: what DATABASE_URL names (postgres://…, mysql://…, mariadb://…), or a SQLite file. */
export function databaseOptions(url = process.env['DATABASE_URL']): DataSourceOptions {
  const tables = { entities: [Order, Invoice], synchronize: true };
  const system = url && new URL(url).protocol.slice(0, -1);
  switch (system) {
    case undefined:
    case '':
      mkdirSync(OUT, { recursive: true });
      return { ...tables, type: 'better-sqlite3', database: join(OUT, 'shop.sqlite'), enableWAL: true };
    case 'postgres':
    case 'mysql':
    case 'mariadb':
      return { ...tables, type: system, url: url as string };
    default:
      throw new Error(`DATABASE_URL begins with ${system}: use postgres://, mysql:// or mariadb://.`);
  }
}
