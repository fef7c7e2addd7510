import { LibraryTransactions } from '../../../lib/backends/sql/transactions/library-transactions';
import type { Job } from '../../../lib/core/policy/job';
import type { Handler } from '../../../lib/core/policy/job';
import { sqlBackend } from '../../../lib/typeorm';
import { drizzleOnMysql2, drizzleOnPg } from '../../orms/drizzle';
import type { Library } from '../../orms/library';
import { openPrisma, prismaKinds } from '../../orms/prisma-application';
import { reached, watch, work } from './mortal-steps';

/*
 * A worker whose handlers write in transactions of Prisma or Drizzle, and which kills itself as `mortal-steps` has it.
 * Its environment:
 *
 *   SYSTEM, URL   where
 *   PRISMA        the folder in which Prisma is installed; default: it is Drizzle
 */
const { SYSTEM = '', URL: url = '', PRISMA } = process.env;
const CONNECTIONS = 40;

async function opened(): Promise<Library> {
  if (PRISMA !== undefined)
    return openPrisma(PRISMA, prismaKinds[SYSTEM as keyof typeof prismaKinds], url, CONNECTIONS);
  return (SYSTEM === 'postgres' ? drizzleOnPg : drizzleOnMysql2).open(url, CONNECTIONS);
}

async function main(): Promise<void> {
  const library = await opened();
  watch(LibraryTransactions.prototype);
  const handle = async ({ payload, transaction }: Job<number, object>): Promise<void> => {
    await reached('before the write');
    await library.order(transaction, payload);
    await reached('after the write');
  };
  await work(sqlBackend(url, { transaction: (begun) => library.transaction(begun) }), handle as Handler);
}

if (require.main === module) void main();
