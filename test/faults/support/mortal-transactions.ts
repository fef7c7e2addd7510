import { DataSource } from 'typeorm';
import { ApplicationTransactions } from '../../../lib/backends/sql/transactions/application-transactions';
import type { Handler } from '../../../lib/core/policy/job';
import { type TransactionalJob, typeOrmBackend } from '../../../lib/typeorm';
import { reached, watch, work } from './mortal-steps';

/*
 * A worker whose handlers write in transactions of TypeORM, and which kills itself as `mortal-steps` has it. DATA_SOURCE
 * in its environment has TypeORM's options as JSON.
 */

async function handle({ payload, manager }: TransactionalJob<number>): Promise<void> {
  await reached('before the write');
  await manager.query(`insert into effects (job) values (${payload})`);
  await reached('after the write');
}

async function main(): Promise<void> {
  const options = JSON.parse(process.env.DATA_SOURCE ?? '') as ConstructorParameters<typeof DataSource>[0];
  const dataSource = await new DataSource(options).initialize();
  watch(ApplicationTransactions.prototype);
  await work(typeOrmBackend({ dataSource }), handle as Handler);
}

if (require.main === module) void main();
