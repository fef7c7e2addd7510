import type { SqlBackend } from '../../../lib/backends/sql/engine/sql-backend';
import { MysqlDialect } from '../../../lib/backends/sql/mysql/mysql';
import { PostgresDialect } from '../../../lib/backends/sql/postgres/postgres';
import { SqliteDialect } from '../../../lib/backends/sql/sqlite/sqlite';
import type { TransactionsOfHandlers } from '../../../lib/backends/sql/transactions/transactions-of-handlers';
import { silentLogger } from '../../../lib/core/contract/logger';
import { jsonCodec } from '../../../lib/core/payload/payload-codec';
import type { Handler } from '../../../lib/core/policy/job';
import { JobEvents } from '../../../lib/core/policy/job-events';
import { WorkerGroup } from '../../../lib/core/process/worker-group';
import { JobRunner } from '../../../lib/core/worker/run/job-runner';

/*
 * Steps of a handler's transaction, at one of which the process kills itself when so many of its jobs stand there. Its
 * environment:
 *
 *   DIES   the step; default: never
 *   JOBS   how many jobs run at once, and how many of them stand at the step when it dies
 */
const { DIES, JOBS = '1' } = process.env;
export const PIPELINE = 'mortal';

let standing = 0;

/** Nobody goes on from the deadly step. */
export async function reached(step: string): Promise<void> {
  if (step !== DIES) return;
  standing += 1;
  if (standing === Number(JOBS)) process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
}

/** The steps that the queue takes, in transactions of this class. */
export function watch(transactions: TransactionsOfHandlers): void {
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
  const { run } = transactions;
  transactions.run = async function (...args) {
    const transacted = await run.apply(this, args);
    await reached('after the commit');
    return transacted;
  };
}

export async function work(backend: SqlBackend, handler: Handler): Promise<void> {
  await backend.connect();
  const runner = new JobRunner({
    handler,
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
