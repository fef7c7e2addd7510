import { DataSource } from 'typeorm';
import { applicationDatabases } from '../support/application-databases';
import { randomPipeline } from '../support/pipelines';
import { beanstalkdUrl } from '../support/test-servers';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

it('a queue in beanstalkd gets a job after the commit of a database', async () => {
  const database = await applicationDatabases.sqlite!();
  const dataSource = await new DataSource(database.options).initialize();
  const { queue } = await queueApplication([], { backend: beanstalkdUrl() });
  const pipeline = randomPipeline();
  await dataSource.transaction((manager) => queue.addJob(pipeline, 1, { afterCommit: manager }));
  await until('the job is there', async () => (await queue.getReadyCount(pipeline)) === 1);
  await queue.clear(pipeline, 'ready');
  await closeApplications();
  await dataSource.destroy();
  await database.remove();
});
