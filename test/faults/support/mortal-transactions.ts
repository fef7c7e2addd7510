import { DataSource } from 'typeorm';
import { MysqlDialect } from '../../../lib/backends/sql/mysql/mysql';
import { PostgresDialect } from '../../../lib/backends/sql/postgres/postgres';
import { SqliteDialect } from '../../../lib/backends/sql/sqlite/sqlite';
import { ApplicationTransactions } from '../../../lib/backends/sql/transactions/application-transactions';
import { silentLogger } from '../../../lib/core/contract/logger';
import { jsonCodec } from '../../../lib/core/payload/payload-codec';
import type { Handler } from '../../../lib/core/policy/job';
import { JobEvents } from '../../../lib/core/policy/job-events';
import { WorkerGroup } from '../../../lib/core/process/worker-group';
import { JobRunner } from '../../../lib/core/worker/run/job-runner';
import { type TransactionalJob, typeOrmBackend } from '../../../lib/typeorm';

/*
 * A worker whose handlers write in transactions, and which kills itself when so many of its jobs stand at one of
 * the steps of theirs. Its environment:
 *
 *   DATA_SOURCE   TypeORM's options, as JSON
 *   DIES          the step; default: never
 *   JOBS          how many jobs run at once, and how many of them stand at the step when it dies
 */
const { DATA_SOURCE = '', DIES, JOBS = '1' } = process.env;
export const PIPELINE = 'mortal';

let standing = 0;

/** Nobody goes on from the deadly step. */
async function reached(step: string): Promise<void> {
  if (step !== DIES) return;
  standing += 1;
  if (standing === Number(JOBS)) process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
}

for (const dialect of [PostgresDialect, MysqlDialect, SqliteDialect].map(({ prototype }) => prototype)) {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on its own object below
  const { remove } = dialect;
  dialect.remove = async function (...args) {
    const removed = await remove.apply(this, args);
    await reached('after the deletion');
    return removed;
  };
}
// eslint-disable-next-line @typescript-eslint/unbound-method -- called on its own object below
const { run } = ApplicationTransactions.prototype;
ApplicationTransactions.prototype.run = async function (...args) {
  const transacted = await run.apply(this, args);
  await reached('after the commit');
  return transacted;
};

async function handle({ payload, manager }: TransactionalJob<number>): Promise<void> {
  await reached('before the write');
  await manager.query(`insert into effects (job) values (${payload})`);
  await reached('after the write');
}

async function main(): Promise<void> {
  const options = JSON.parse(DATA_SOURCE) as ConstructorParameters<typeof DataSource>[0];
  const dataSource = await new DataSource(options).initialize();
  const backend = typeOrmBackend({ dataSource });
  await backend.connect();
  const runner = new JobRunner({
    handler: handle as Handler,
    codec: jsonCodec,
    retry: { attempts: 1 },
    // Every death costs the jobs a reservation.
    maxLost: 10_000,
    timeout: 0,
    transaction: true,
  });
  const group = new WorkerGroup(backend, new JobEvents(silentLogger), silentLogger);
  await group.start({
    pipeline: PIPELINE,
    concurrency: Number(JOBS),
    prefetch: false,
    runner,
    transaction: true,
  });
}

if (require.main === module) void main();
