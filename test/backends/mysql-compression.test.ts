import { JobQueueModule, JobQueueService } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { application, closeApplications } from '../nest/application';
import { askMysql } from '../support/ask';
import { freshMysqlDatabase } from '../support/databases';
import { until } from '../support/until';

it('With compression, a payload that is not UTF-8 is buried and kept byte for byte', async () => {
  const database = await freshMysqlDatabase();
  const backend = sqlBackend(database.url, { compression: true });
  const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
  const queue = app.get(JobQueueService);
  const bytes = '7B2261223A22636166E9227D';
  for (const payload of [`COMPRESS(x'${bytes}')`, `x'${bytes}'`]) {
    await askMysql(
      database.url,
      `insert into job_queue_jobs (pipeline, payload) values ('mail', ${payload})`,
    );
  }
  await queue.addJob('mail', 'café 🐘');
  const handled: unknown[] = [];
  await queue.process('mail', ({ payload }) => void handled.push(payload));
  await until('both are buried', async () => (await queue.getBuriedCount('mail')) === 2);
  await until('the good one is handled', () => handled.length === 1);
  expect(handled).toEqual(['café 🐘']);
  const [job] = await queue.peek('mail', 'buried');
  expect(job?.reason).toContain('UndecodablePayloadError');
  expect(
    await askMysql(
      database.url,
      'select hex(coalesce(uncompress(payload), payload)) as bytes from job_queue_jobs',
    ),
  ).toEqual([{ bytes }, { bytes }]);

  // What takes its place is compressed.
  expect(await queue.changeJob(job!.id, { payload: 'thé' })).toBe(true);
  expect(await queue.findJob(job!.id)).toMatchObject({ state: 'buried', payload: 'thé' });
  expect(
    await askMysql(
      database.url,
      `select convert(uncompress(payload) using utf8mb4) as payload from job_queue_jobs where id = ${job!.id}`,
    ),
  ).toEqual([{ payload: '"thé"' }]);
  await closeApplications();
  await database.drop();
});
