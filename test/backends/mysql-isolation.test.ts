import { DataSource } from 'typeorm';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { type TransactionalJob, typeOrmBackend } from '../../lib/typeorm';
import { application, closeApplications } from '../nest/application';
import { freshMysqlDatabase } from '../support/databases';
import { until } from '../support/until';

it('On MySQL and MariaDB a handler’s transaction is READ COMMITTED: a renewal changes the row that it deletes', async () => {
  const database = await freshMysqlDatabase();
  const dataSource = await new DataSource({ type: 'mysql', url: database.url }).initialize();
  const app = await application({
    imports: [JobQueueModule.forRoot({ backend: typeOrmBackend({ dataSource }) })],
  });
  const queue = app.get(JobQueueService);
  await dataSource.query('create table effects (id int primary key)');
  await queue.addJob('mail', 1);
  let levels: unknown;
  await queue.process(
    'mail',
    async (job) => {
      const { manager } = job as unknown as TransactionalJob;
      await manager.query('insert into effects values (1)');
      levels = await manager.query(
        'select trx_isolation_level as level from information_schema.innodb_trx where trx_mysql_thread_id = connection_id()',
      );
    },
    { transaction: true },
  );
  await until('it has ended', async () => (await queue.listPipelines()).length === 0);
  expect(levels).toEqual([{ level: 'READ COMMITTED' }]);
  await closeApplications();
  await dataSource.destroy();
  await database.drop();
});
