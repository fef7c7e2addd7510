import { join } from 'node:path';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { application, closeApplications } from '../nest/application';
import { sqlite3 } from '../support/clients';
import { coded } from '../support/coded';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

/* SQLite takes any bytes for text, and other programs write into the file. */

/** `{"a":"caf\xe9"}` in Latin-1. */
const LATIN1 = '7b2261223a22636166e9227d';

let folder: TemporaryFolder;
let file: string;
let queue: JobQueueService;

beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder.path, 'jobs.sqlite');
  const app = await application({ imports: [JobQueueModule.forRoot({ backend: `sqlite:${file}` })] });
  queue = app.get(JobQueueService);
});

afterEach(async () => {
  await closeApplications();
  await folder.remove();
});

const insert = (...payloads: readonly string[]) =>
  sqlite3(
    file,
    payloads
      .map((payload) => `insert into job_queue_jobs (pipeline, payload) values ('mail', ${payload});`)
      .join(''),
  );

it('a payload that is not UTF-8 is buried as undecodable, byte for byte as it was, and no other job with it', async () => {
  const handled: unknown[] = [];
  await insert(`'1'`, `cast(x'${LATIN1}' as text)`, `'{"a":"' || char(65533) || '"}'`, `x'${LATIN1}'`, `'2'`);
  await queue.process('mail', ({ payload }) => void handled.push(payload), { concurrency: 10 });
  await until('all jobs have ended', async () => {
    const { ready, reserved, buried } = await queue.stats('mail');
    return ready + reserved === 0 && buried === 2;
  });
  expect(handled).toEqual([1, { a: '\ufffd' }, 2]);
  const buried = await queue.peek('mail', 'buried');
  expect(buried.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('its bytes are not UTF-8'),
    expect.stringContaining('its bytes are not UTF-8'),
  ]);
  expect(await sqlite3(file, 'select lower(hex(payload)) from job_queue_jobs order by id')).toBe(
    `${LATIN1}\n${LATIN1}\n`,
  );
});

it('who reserves such a job by hand is told, and it is buried', async () => {
  await insert(`cast(x'${LATIN1}' as text)`);
  await expect(queue.getNextJobAndReserve('mail')).rejects.toThrow(coded('UNDECODABLE_PAYLOAD'));
  expect(await queue.getBuriedCount('mail')).toBe(1);
});

it('a payload that another program has bound as bytes is a text like others', async () => {
  await insert(`x'${Buffer.from('{"a":"café"}').toString('hex')}'`);
  expect((await queue.findJob('1'))?.payload).toEqual({ a: 'café' });
  expect((await queue.getNextJobAndReserve('mail'))?.payload).toEqual({ a: 'café' });
});
