import { join } from 'node:path';
import type { QueueBackend } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { sqlite3 } from '../support/clients';
import { put } from '../support/put';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';

/* SQLite's ids have 64 bits, JavaScript's numbers 53. */

const ids = ['9007199254740993', '9007199254740995', '900719925474099301'];
const now = AbortSignal.abort();
const job = { payload: '"new"', priority: 0, delay: 0, ttr: 60 };

let folder: TemporaryFolder;
let file: string;
let queue: QueueBackend;

beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder.path, 'jobs.sqlite');
  queue = sqlBackend(`sqlite:${file}`);
  await queue.connect();
  for (const id of ids) {
    await sqlite3(
      file,
      `insert into job_queue_jobs (id, pipeline, payload, ttr_ms) values (${id}, 'mail', '${id}', 60000)`,
    );
  }
});

afterEach(async () => {
  await queue.close();
  await folder.remove();
});

it('jobs with ids beyond 2^53 are reserved, renewed, released, buried and deleted by their ids', async () => {
  const leases = await queue.lease(['mail']);
  const reserved = await leases.reserve(3, 0, now);
  expect(reserved.map(({ id, payload }) => [id, payload])).toEqual(ids.map((id) => [id, id]));
  expect(await leases.renew(reserved)).toEqual([]);
  const [first, second, third] = reserved as [
    (typeof reserved)[0],
    (typeof reserved)[0],
    (typeof reserved)[0],
  ];
  const { lost } = await leases.settle(
    [
      { job: first, outcome: 'release', delay: 0 },
      { job: second, outcome: 'bury' },
      { job: third, outcome: 'delete' },
    ],
    0,
  );
  expect(lost).toEqual([]);
  expect(await queue.inspect.find(ids[0]!)).toMatchObject({ id: ids[0], state: 'ready', attempts: 1 });
  expect(await queue.inspect.peek('mail', 'buried')).toMatchObject({ id: ids[1], payload: ids[1] });
  expect(await queue.inspect.find(ids[2]!)).toBeUndefined();
  await leases.close();
});

it('jobs that are added behind them have the ids that they are told', async () => {
  const added = [...(await put(queue, 'mail', [job])), ...(await put(queue, 'mail', [job, job]))];
  expect(added).toEqual(['900719925474099302', '900719925474099303', '900719925474099304']);
  for (const id of added) expect(await queue.admin.discard(id)).toBe(true);
});

it('many jobs that are added behind them have the ids that they are told', async () => {
  const jobs = Array.from({ length: 100 }, (_, number) => ({ ...job, payload: String(number) }));
  const added = await put(queue, 'mail', jobs);
  expect([added[0], added.at(-1)]).toEqual(['900719925474099302', '900719925474099401']);
  for (const [number, id] of added.entries())
    expect(await queue.inspect.find(id)).toMatchObject({ payload: String(number) });
});

it.each([2, 100, 1100])('%i jobs have their own ids beside a trigger that adds jobs', async (count) => {
  await sqlite3(
    file,
    `create trigger beside after insert on job_queue_jobs when new.pipeline = 'mail'
begin insert into job_queue_jobs (pipeline, payload) values ('copies', new.payload); end`,
  );
  const jobs = Array.from({ length: count }, (_, number) => ({ ...job, payload: String(number) }));
  for (const [number, id] of (await put(queue, 'mail', jobs)).entries())
    expect(await queue.inspect.find(id)).toMatchObject({ pipeline: 'mail', payload: String(number) });
  expect((await queue.inspect.stats('copies')).ready).toBe(count);
});
