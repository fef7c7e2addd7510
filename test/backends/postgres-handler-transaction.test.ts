import { DataSource } from 'typeorm';
import type { TransactingLeases } from '../../lib/core/contract/features';
import { feature } from '../../lib/core/contract/features';
import { newJob } from '../../lib/core/policy/job-options';
import { typeOrmBackend } from '../../lib/typeorm';
import { Proxy } from '../faults/support/proxy';
import { freshPostgresDatabase } from '../support/databases';
import { Opened } from '../support/opened';

/* The driver's own errors have no code: what the queue's deletion meets at the end of a transaction is no fault of the handler's. */

const opened = new Opened();
afterEach(() => opened.close());

async function leasesOn(url: string, extra: object): Promise<[TransactingLeases, DataSource]> {
  const dataSource = await new DataSource({ type: 'postgres', url, extra }).initialize();
  opened.add({ close: () => dataSource.destroy() });
  const backend = opened.add(typeOrmBackend({ dataSource }));
  await backend.connect();
  await backend.put('mail', [newJob('1')]);
  return [await feature(backend, 'handlerTransactions').lease(['mail']), dataSource];
}

type Act = (proxy: Proxy, dataSource: DataSource) => Promise<unknown>;

it.each<[what: string, outcome: 'undone' | 'failed', extra: object, act: Act]>([
  // The server answers over another connection: whatever cuts it each time comes to an end by maxLost.
  ['the connection is cut', 'undone', {}, async (proxy) => proxy.cutAll()],
  [
    'the driver does not wait for the answer any longer',
    'failed',
    { query_timeout: 300 },
    async (_proxy, dataSource) => {
      const other = dataSource.createQueryRunner();
      opened.add({ close: () => other.rollbackTransaction().finally(() => other.release()) });
      await other.startTransaction();
      await other.query('select id from job_queue_jobs for update');
    },
  ],
])('a transaction is not the handler’s failure when at its end %s', async (_, outcome, extra, act) => {
  const database = await freshPostgresDatabase();
  opened.add({ close: () => database.drop() });
  const url = new URL(database.url);
  const proxy = await Proxy.before(Number(url.port));
  url.port = String(proxy.port);
  const [leases, dataSource] = await leasesOn(url.href, extra);
  const [job] = await leases.reserve(1, 0, new AbortController().signal);
  const end = await leases.transact(job!, async () => {
    await act(proxy, dataSource);
  });
  expect(end).toMatchObject({ outcome, error: { code: 'BACKEND_UNAVAILABLE' } });
});
