import { DataSource } from 'typeorm';
import { sqlBackend } from '../../lib/backends/sql/open/sql-backend-of-url';
import { layoutDatabases } from '../layouts/systems';
import { Opened } from '../support/opened';
import { selectedBackends } from '../support/test-servers';
import { endJobs } from './end-jobs';

const servers = selectedBackends().filter((name) => name in layoutDatabases && name !== 'sqlite');
const opened = new Opened();

afterEach(() => opened.close());

it.each(servers)('on %s, an end that is committed late comes late, and is not lost', async (server) => {
  const database = opened.add(await layoutDatabases[server as keyof typeof layoutDatabases]());
  const backend = opened.add(sqlBackend(database.url));
  await backend.connect();
  const { events } = backend.features;
  const { last } = await events.range('late');
  const dataSource = await new DataSource(database.dataSource).initialize();
  opened.add({ close: () => dataSource.destroy() });
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  // By its time it ended long before the others.
  await runner.query(
    `insert into job_queue_jobs_done (id, pipeline, outcome, payload, ended_at) values (99999999, 'late', 'completed', '1', 1000)`,
  );
  const ids = await endJobs(backend, 'late', 3);
  const first = await events.read('late', last, 10);
  expect(first.map(({ job }) => job.id).sort()).toEqual([...ids].sort());
  await runner.commitTransaction();
  const rest = await events.read('late', last + 3, 10);
  expect(rest.map(({ number, job }) => [number, job.id])).toEqual([[last + 4, '99999999']]);
});
