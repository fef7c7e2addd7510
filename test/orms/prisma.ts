import { rm } from 'node:fs/promises';
import type { TestedLibrary } from './library';
import {
  generatePrisma,
  installPrisma,
  openPrisma,
  PRISMA_VERSION,
  type PrismaKind,
  prismaKinds,
} from './prisma-application';

let installed: Promise<string> | undefined;
const clients = new Map<PrismaKind, Promise<void>>();

afterAll(async () => {
  if (installed) await rm(await installed, { recursive: true, force: true });
});

/** Where Prisma is installed, with a client that is generated for this database. */
export async function prismaFolder(kind: PrismaKind): Promise<string> {
  const folder = await (installed ??= installPrisma());
  const generated = clients.get(kind) ?? generatePrisma(folder, kind);
  clients.set(kind, generated);
  await generated;
  return folder;
}

function tested(kind: PrismaKind): TestedLibrary {
  return {
    name: 'Prisma',
    version: PRISMA_VERSION,
    // All statements of Prisma are prepared ones. MariaDB takes a savepoint as such, MySQL does not.
    noSavepointsOn: 'mysql',
    open: async (url, connections = 10) => openPrisma(await prismaFolder(kind), kind, url, connections),
  };
}

export const prismaOnPostgres = tested(prismaKinds.postgres);
export const prismaOnMysql = tested(prismaKinds.mysql);
export const prismaOnSqlite = tested(prismaKinds.sqlite);
