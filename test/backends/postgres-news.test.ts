import { Client } from 'pg';
import { openBackend } from '../../lib/backends/open-backend';
import { isBefore } from '../../lib/backends/sql/engine/claim-order';
import type { News } from '../../lib/backends/sql/engine/news';
import { readNews } from '../../lib/backends/sql/postgres/postgres-news';
import { newJob } from '../../lib/core/policy/job-options';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { Opened } from '../support/opened';
import { put } from '../support/put';
import { until } from '../support/until';

const opened = new Opened();
let database: FreshDatabase;

beforeAll(async () => {
  database = await freshPostgresDatabase();
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

/** A job, and how much had been heard when it was about to be put. */
interface Put {
  readonly pipeline: string;
  readonly priority: number;
  readonly id: string;
  readonly heardBefore: number;
}

function tellsOf({ pipeline, first }: News, job: Put): boolean {
  return pipeline === job.pipeline && (!first || !isBefore(job, first));
}

it.each([
  ['of one pipeline and priority', () => ({ pipeline: 'mail', priority: 1024 })],
  [
    'of several pipelines and priorities',
    (number: number) => ({ pipeline: number % 7 === 0 ? 'reports' : 'mail', priority: (number * 37) % 11 }),
  ],
])('every job that is put alone, one after the other, is told of: jobs %s', async (_which, placeOf) => {
  const backend = opened.add(await openBackend(database.url));
  await backend.connect();
  const listener = new Client({ connectionString: database.url });
  await listener.connect();
  opened.add({ close: () => listener.end() });
  const heard: News[] = [];
  listener.on('notification', ({ payload = '' }) => heard.push(readNews(payload)!));
  await listener.query('listen "public.job_queue_jobs"');

  const puts: Put[] = [];
  for (let number = 0; number < 200; number += 1) {
    const { pipeline, priority } = placeOf(number);
    const heardBefore = heard.length;
    const [id] = (await put(backend, pipeline, [newJob('1', { priority })])) as [string];
    puts.push({ pipeline, priority, id, heardBefore });
  }

  const untold = () => puts.filter((put) => !heard.slice(put.heardBefore).some((news) => tellsOf(news, put)));
  await until('each job is told of', () => untold().length === 0);
});
