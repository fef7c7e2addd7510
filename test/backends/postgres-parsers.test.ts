import { DataSource } from 'typeorm';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { typeOrmBackend } from '../../lib/typeorm';
import { application, closeApplications } from '../nest/application';
import { freshPostgresDatabase } from '../support/databases';
import { until } from '../support/until';

it('On PostgreSQL a driver that parses bigints to numbers loses no running job', async () => {
  const database = await freshPostgresDatabase();
  const dataSource = new DataSource({ type: 'postgres', url: database.url, parseInt8: true });
  await dataSource.initialize();
  const app = await application({
    imports: [JobQueueModule.forRoot({ backend: typeOrmBackend({ dataSource }) })],
  });
  const queue = app.get(JobQueueService);
  await queue.addJob('mail', 1, { ttr: 1 });
  let starts = 0;
  let lost = 0;
  let over = false;
  await queue.process('mail', async ({ signal }) => {
    starts += 1;
    signal.addEventListener('abort', () => (lost += 1));
    // Two renewals at least.
    const began = performance.now();
    await until('the ttr is over', () => performance.now() - began > 1_600);
    over = true;
  });
  await until('it is gone', async () => over && (await queue.listPipelines()).length === 0);
  expect({ starts, lost }).toEqual({ starts: 1, lost: 0 });
  await closeApplications();
  await dataSource.destroy();
  await database.drop();
});
