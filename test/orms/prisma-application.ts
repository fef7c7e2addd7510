import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '../package/command';
import { installPackages } from '../support/installed-packages';
import { insert, type Library } from './library';

/* Prisma's command line has 300 MB: a test that needs it installs it where an application would have it. */

export const PRISMA_VERSION = '7.10.0';

interface Client {
  $transaction<T>(work: (transaction: Client) => Promise<T>, options?: object): Promise<T>;
  $executeRawUnsafe(sql: string): Promise<number>;
  $disconnect(): Promise<void>;
}

/** Prisma on one database. */
export interface PrismaKind {
  /** Prisma's name of the database. */
  readonly provider: string;
  readonly adapter: string;
  readonly class: string;
  readonly options: (url: string, connections: number) => unknown;
}

const POSTGRES: PrismaKind = {
  provider: 'postgresql',
  adapter: '@prisma/adapter-pg',
  class: 'PrismaPg',
  options: (connectionString, max) => ({ connectionString, max }),
};

const MYSQL: PrismaKind = {
  provider: 'mysql',
  adapter: '@prisma/adapter-mariadb',
  class: 'PrismaMariaDb',
  options: (url, connectionLimit) => {
    const { hostname, port, username, password, pathname } = new URL(url);
    return {
      host: hostname,
      port: Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: pathname.slice(1),
      allowPublicKeyRetrieval: true,
      connectionLimit,
    };
  },
};

const SQLITE: PrismaKind = {
  provider: 'sqlite',
  adapter: '@prisma/adapter-better-sqlite3',
  class: 'PrismaBetterSqlite3',
  options: (file) => ({ url: `file:${file}` }),
};

/** With a copy of SQLite of its own. */
export const LIBSQL: PrismaKind = {
  ...SQLITE,
  adapter: '@prisma/adapter-libsql',
  class: 'PrismaLibSql',
};

export const prismaKinds = { postgres: POSTGRES, mysql: MYSQL, mariadb: MYSQL, sqlite: SQLITE } as const;

/** A new folder in which Prisma and its adapters are installed. */
export function installPrisma(): Promise<string> {
  const adapters = new Set([...Object.values(prismaKinds), LIBSQL].map(({ adapter }) => adapter));
  const names = ['prisma', '@prisma/client', ...adapters];
  return installPackages(
    'prisma',
    names.map((name) => `${name}@${PRISMA_VERSION}`),
  );
}

export async function generatePrisma(folder: string, { provider }: PrismaKind): Promise<void> {
  await writeFile(
    join(folder, `${provider}.prisma`),
    `generator client {
  provider = "prisma-client-js"
  output   = "./${provider}"
}
datasource db {
  provider = "${provider}"
}
model Order {
  id Int @id
  @@map("orders")
}
`,
  );
  await run('npx', ['prisma', 'generate', '--schema', `${provider}.prisma`], {
    cwd: folder,
    // Generating needs no engine, but would load one.
    environment: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
}

/** As an application in that folder does, with the client that was generated there. */
export function openPrisma(folder: string, kind: PrismaKind, url: string, connections: number): Library {
  const load = createRequire(join(folder, 'package.json'));
  const { PrismaClient } = load(`./${kind.provider}/client.js`) as {
    PrismaClient: new (options: object) => Client;
  };
  const adapters = load(kind.adapter) as Record<string, new (options: unknown) => object>;
  const client = new PrismaClient({ adapter: new adapters[kind.class]!(kind.options(url, connections)) });
  const runIn = (transaction: object) => (sql: string) => (transaction as Client).$executeRawUnsafe(sql);
  return {
    transaction: (work) => client.$transaction(work, { maxWait: 20_000, timeout: 30_000 }),
    savepoint: (transaction, work) => (transaction as Client).$transaction(work),
    order: (transaction, id) => runIn(transaction)(insert(id)),
    outside: client,
    close: () => client.$disconnect(),
  };
}
