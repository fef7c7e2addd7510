import { JobQueueModule, JobQueueService } from '../../lib/index';
import { application, closeApplications } from '../nest/application';
import { askPostgres } from '../support/ask';
import { randomTable } from '../support/pipelines';
import { postgresUrl } from '../support/test-servers';
import { until } from '../support/until';

describe('PostgreSQL: in a database of LATIN1', () => {
  const name = randomTable();
  const url = new URL(postgresUrl());
  url.pathname = `/${name}`;

  beforeAll(async () => {
    await askPostgres(
      postgresUrl(),
      `create database ${name} encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'`,
    );
  });
  afterAll(async () => {
    await closeApplications();
    await askPostgres(postgresUrl(), `drop database ${name}`);
  });

  it('a reason that it cannot store becomes a plain one, and its neighbours run once', async () => {
    const app = await application({ imports: [JobQueueModule.forRoot({ backend: url.href })] });
    const queue = app.get(JobQueueService);
    await queue.addJobs(
      'mail',
      Array.from({ length: 9 }, (_, payload) => ({ payload, ttr: 1 })),
    );
    const runs: unknown[] = [];
    // All are claimed together and end in one turn.
    await queue.process(
      'mail',
      async ({ payload }) => {
        runs.push(payload);
        await until('all have begun', () => runs.length >= 9);
        if (payload === 4) throw new Error('no mailbox 😀 für Ada');
      },
      { concurrency: 10 },
    );
    await until('all have ended', async () => {
      const { ready, reserved, buried } = await queue.stats('mail');
      return ready + reserved === 0 && buried === 1;
    });
    expect(runs.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const [job] = await queue.peek('mail', 'buried');
    expect(job?.reason).toMatch(/^Error: no mailbox \? f.r Ada/);
  });
});
