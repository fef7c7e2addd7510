import { JobQueueModule, JobQueueService } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { application, closeApplications } from '../nest/application';
import { mysqlClient } from '../support/clients';
import { freshMysqlDatabase } from '../support/databases';
import { until } from '../support/until';
import {
  describeTaking,
  describeUnique,
  describeWire,
  EmailProcessor,
  PIPELINE,
  type Wire,
} from './wire-cases';
import { documented, payloadIn } from './wire-document';

const SECTION = 'MySQL and MariaDB';

const open = async (): Promise<Wire> => {
  const database = await freshMysqlDatabase();
  return {
    backend: () => database.url,
    client: (sql) => mysqlClient(database.url, sql),
    close: () => database.drop(),
  };
};

describeWire(SECTION, open);
describeTaking(SECTION, open);
describeUnique(SECTION, open);

it('MySQL and MariaDB: a compressed table gives its payloads, and takes compressed and plain ones', async () => {
  const database = await freshMysqlDatabase();
  const app = await application({
    imports: [JobQueueModule.forRoot({ backend: sqlBackend(database.url, { compression: true }) })],
    providers: [EmailProcessor],
  });
  const queue = app.get(JobQueueService);
  await queue.pause(PIPELINE, 60);
  const text = 'Grüße 🐘'.repeat(100);
  await queue.addJob(PIPELINE, { text });
  const answer = await mysqlClient(
    database.url,
    documented(SECTION, 'Read the ready jobs of a compressed table'),
  );
  expect(answer).toContain(JSON.stringify({ text }));
  expect(await mysqlClient(database.url, documented(SECTION, 'Read the ready jobs'))).not.toContain('Grüße');

  const compressed = documented(SECTION, 'Add a job with a compressed payload');
  const plain = documented(SECTION, 'Add an urgent job');
  await mysqlClient(database.url, compressed);
  await mysqlClient(database.url, plain);
  await queue.resume(PIPELINE);
  const { payloads } = app.get(EmailProcessor);
  await until('all three are processed', () => payloads.length === 3);
  expect(payloads).toEqual([payloadIn(plain), { text }, payloadIn(compressed)]);
  await closeApplications();
  await database.drop();
});

it('MySQL and MariaDB: the documented claim holds up no add, however long its transaction stays open', async () => {
  const database = await freshMysqlDatabase();
  const app = await application({ imports: [JobQueueModule.forRoot({ backend: database.url })] });
  const queue = app.get(JobQueueService);
  await queue.addJob(PIPELINE, 'first');
  const claim = documented(SECTION, 'Take a job');
  expect(claim).toMatch(/COMMIT;\s*$/);
  let ended = false;
  const taken = mysqlClient(database.url, claim.replace(/COMMIT;\s*$/, 'SELECT sleep(20); COMMIT;')).finally(
    () => (ended = true),
  );
  const sleeps = `select id from information_schema.processlist where info like 'SELECT sleep%'`;
  const id = await until(
    'it has claimed',
    async () => (await mysqlClient(database.url, sleeps)).trim() || undefined,
  );

  await queue.addJob(PIPELINE, 'second', { priority: 0 });
  await queue.addJobs(PIPELINE, [{ payload: 'third' }, { payload: 'fourth' }]);
  expect(ended).toBe(false);
  await mysqlClient(database.url, `kill query ${id}`);
  await taken.catch(() => undefined);
  await closeApplications();
  await database.drop();
});
