import type { SqlDialect } from '../../lib/backends/sql/engine/dialect';
import { HistoryPruner } from '../../lib/backends/sql/history/history-pruner';
import { JournalPruner } from '../../lib/backends/sql/journal/journal-pruner';
import { JournalRows } from '../../lib/backends/sql/journal/journal-rows';
import { ToldRefusal } from '../../lib/backends/sql/ready/told-refusal';
import { GoneWorkers } from '../../lib/backends/sql/registry/gone-workers';
import { silentLogger } from '../../lib/core/contract/logger';
import type { JobQueueService } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { until } from '../support/until';

/** A worker that may do all that workers do beside taking jobs: its process is listed, its jobs say something and are kept. */
export async function tellsAndKeeps(
  web: JobQueueService,
  worker: JobQueueService,
  inspector: JobQueueService,
): Promise<void> {
  await worker.process(
    'reports',
    (job) => {
      job.progress({ done: job.attempt, of: 2 });
      for (let line = 0; line < 3; line += 1) job.log(`line ${line}`);
      if (job.attempt === 1) throw new Error('not yet');
      return 'sent';
    },
    { attempts: 2, backoff: 0, keep: { completed: '1d', buried: 10 } },
  );
  const id = await web.addJob('reports', 1);
  const [kept] = await until('it is kept', async () => {
    const jobs = await inspector.history('reports');
    return jobs.length > 0 && jobs;
  });
  expect(kept).toMatchObject({ id, result: 'sent', failures: [{ attempt: 1 }] });
  expect(await inspector.progress(id)).toEqual({ done: 2, of: 2 });
  expect((await inspector.logs(id)).map(({ text }) => text)).toHaveLength(6);
  await until('it is listed', async () =>
    (await inspector.workers()).some(({ pipelines }) => pipelines.includes('reports')),
  );
}

/** One that reads of the jobs of `tellsAndKeeps`; the next one of these gets its number from the worker. */
export async function readsEvents(web: JobQueueService, reader: JobQueueService): Promise<void> {
  for await (const { job } of reader.events('reports', { after: 'oldest' })) {
    expect(job).toMatchObject({ pipeline: 'reports', result: 'sent' });
    break;
  }
  await web.addJob('reports', 2);
  await until('the next one is kept', async () => (await reader.history('reports')).length === 2);
}

/** Whether a role may remove what nobody needs any more, which workers do each minute. */
export async function prunes(url: string): Promise<void> {
  const backend = sqlBackend(url, { migrate: false });
  await backend.connect();
  try {
    const { dialect } = (backend as unknown as { connection: { dialect: SqlDialect } }).connection;
    await dialect.unique.prune();
    await new GoneWorkers(dialect).prune();
    const rows = new JournalRows(dialect);
    await new JournalPruner(rows).prune();
    await rows.sweep(['1']);
    const limits = { buried: new Map([['reports', { most: 10 }]]), kept: new Map() };
    await new HistoryPruner(dialect, limits, new ToldRefusal('Rows', silentLogger))['pruneAll']();
  } finally {
    await backend.close();
  }
}
