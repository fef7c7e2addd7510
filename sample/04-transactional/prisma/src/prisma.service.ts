import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaClient } from './generated/client';

const OUT = join(__dirname, '..', '..', '..', '..', 'out');

/** Of Prisma and of the queue. */
export const FILE = join(OUT, 'prisma-shop.sqlite');

/** What `prisma migrate` would make. */
const TABLES = [
  'create table if not exists sample_orders (id integer primary key autoincrement, customer text not null)',
  `create table if not exists sample_invoices (
    id integer primary key autoincrement, order_id integer not null, customer text not null, attempt integer not null
  )`,
];

@Injectable()
export class PrismaService extends PrismaClient implements OnModuleInit, OnApplicationShutdown {
  constructor() {
    mkdirSync(OUT, { recursive: true });
    super({ adapter: new PrismaBetterSqlite3({ url: `file:${FILE}` }) });
  }

  async onModuleInit(): Promise<void> {
    for (const table of TABLES) await this.$executeRawUnsafe(table);
  }

  /** Not earlier: workers end their jobs before it. */
  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}
