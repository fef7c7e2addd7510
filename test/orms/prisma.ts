import { rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '../package/command';
import { temporaryFolder } from '../support/temporary-folder';
import { insert, type TestedLibrary } from './library';

const VERSION = '7.10.0';

interface Client {
  $transaction<T>(work: (transaction: Client) => Promise<T>, options?: object): Promise<T>;
  $executeRawUnsafe(sql: string): Promise<number>;
  $disconnect(): Promise<void>;
}

interface Kind {
  /** Prisma's name of the database. */
  readonly provider: string;
  readonly adapter: string;
  readonly class: string;
  readonly options: (url: string) => unknown;
}

/** Its command line has 300 MB, so that a test that needs it installs it where an application would have it. */
function tested(kind: Kind): TestedLibrary {
  return {
    name: 'Prisma',
    version: VERSION,
    async open(url) {
      const { load } = await application(kind);
      const { PrismaClient } = load(`./${kind.provider}/client.js`) as {
        PrismaClient: new (options: object) => Client;
      };
      const adapters = load(kind.adapter) as Record<string, new (options: unknown) => object>;
      const client = new PrismaClient({ adapter: new adapters[kind.class]!(kind.options(url)) });
      const runIn = (transaction: object) => (sql: string) => (transaction as Client).$executeRawUnsafe(sql);
      return {
        transaction: (work) => client.$transaction(work, { maxWait: 20_000, timeout: 30_000 }),
        savepoint: (transaction, work) => (transaction as Client).$transaction(work),
        order: (transaction, id) => runIn(transaction)(insert(id)),
        outside: client,
        close: () => client.$disconnect(),
      };
    },
  };
}

interface Application {
  readonly folder: string;
  /** Loads a module as the application does. */
  readonly load: NodeJS.Require;
}

let installed: Promise<Application> | undefined;
const clients = new Map<Kind, Promise<unknown>>();

afterAll(async () => {
  if (installed) await rm((await installed).folder, { recursive: true, force: true });
});

async function install(): Promise<Application> {
  const { path: folder } = await temporaryFolder('prisma');
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'application', private: true }));
  const names = ['prisma', '@prisma/client', ...kinds.map(({ adapter }) => adapter)];
  const packages = names.map((name) => `${name}@${VERSION}`);
  await run(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...packages],
    {
      cwd: folder,
    },
  );
  return { folder, load: createRequire(join(folder, 'package.json')) };
}

/** The application, with a client that is generated for this database. */
async function application(kind: Kind): Promise<Application> {
  const { folder, load } = await (installed ??= install());
  const generated = clients.get(kind) ?? generate(kind, folder);
  clients.set(kind, generated);
  await generated;
  return { folder, load };
}

async function generate({ provider }: Kind, folder: string): Promise<void> {
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

const POSTGRES: Kind = {
  provider: 'postgresql',
  adapter: '@prisma/adapter-pg',
  class: 'PrismaPg',
  options: (connectionString) => ({ connectionString }),
};

const MYSQL: Kind = {
  provider: 'mysql',
  adapter: '@prisma/adapter-mariadb',
  class: 'PrismaMariaDb',
  options: (url) => {
    const { hostname, port, username, password, pathname } = new URL(url);
    return {
      host: hostname,
      port: Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: pathname.slice(1),
      allowPublicKeyRetrieval: true,
    };
  },
};

const kinds = [POSTGRES, MYSQL];

export const prismaOnPostgres = tested(POSTGRES);
export const prismaOnMysql = tested(MYSQL);
