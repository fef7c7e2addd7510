import { DataSource } from 'typeorm';
import type { SqlDialect } from '../../lib/backends/sql/engine/dialect';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { JournalPruner } from '../../lib/backends/sql/journal/journal-pruner';
import { JournalRows } from '../../lib/backends/sql/journal/journal-rows';
import { BackendRefusedError } from '../../lib/core/contract/errors';
import type { Leased } from '../../lib/core/contract/job-data';
import type { Leases } from '../../lib/core/contract/leases';
import type { JournalEntry } from '../../lib/core/contract/ports/journal';
import { newJob } from '../../lib/core/policy/job-options';
import { typeOrmBackend } from '../../lib/typeorm';
import { applicationDatabases } from '../support/application-databases';
import { Opened } from '../support/opened';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

const entryOf = (job: Leased): JournalEntry => ({
  job,
  progress: '0.5',
  lines: [
    { text: 'one', age: 0 },
    { text: 'two\0', age: 0 },
  ],
});

describe.each(selectedBackends().filter((name) => name in applicationDatabases))(
  'the rows of what jobs say on %s',
  (name) => {
    const opened = new Opened();
    let dataSource: DataSource;
    let backend: SqlBackend;
    let leases: Leases;
    let remove: () => Promise<unknown>;

    beforeAll(async () => {
      const database = await applicationDatabases[name]!();
      remove = () => database.remove();
      dataSource = await new DataSource(database.options).initialize();
      backend = opened.add(typeOrmBackend({ dataSource }));
      await backend.connect();
      leases = opened.add(await backend.lease(['orders']));
    });
    afterAll(async () => {
      await opened.close();
      await dataSource.destroy();
      await remove();
    });

    const count = async (table: string): Promise<number> => {
      const [row] = await dataSource.query<{ n: string | number }[]>(
        `select count(*) as n from job_queue_jobs_${table}`,
      );
      return Number(row?.n);
    };
    const rows = async () => [await count('progress'), await count('logs')];
    const reserved = async (jobs: number) => {
      await backend.put(
        'orders',
        Array.from({ length: jobs }, () => newJob('1')),
      );
      return leases.reserve(jobs, 0, new AbortController().signal);
    };
    const dialect = () => (backend as unknown as { connection: { dialect: SqlDialect } }).connection.dialect;

    it('are removed with the job by the worker that settles it', async () => {
      const jobs = await reserved(2);
      await leases.note!(jobs.map(entryOf));
      expect(await rows()).toEqual([2, 4]);
      await leases.settle([{ job: jobs[0]!, outcome: 'delete' }], 0);
      await until('the rows of the first are gone', async () => (await count('progress')) === 1);
      await leases.settle([{ job: jobs[1]!, outcome: 'delete' }], 0);
      await until('all rows are gone', async () => (await count('logs')) === 0);
    });

    it('are removed by the pruner when another has removed the job, in pieces', async () => {
      const jobs = await reserved(7);
      await leases.note!(jobs.map(entryOf));
      await leases.settle(
        jobs.map((job) => ({ job, outcome: 'bury' })),
        0,
      );
      const [stays] = jobs;
      for (const job of jobs) if (job !== stays) await backend.admin.discard(job.id);
      expect(await rows()).toEqual([7, 14]);
      const all = new JournalRows(dialect());
      const pruner = new JournalPruner({
        gone: (after) => all.gone(after, 3),
        sweep: (ids) => all.sweep(ids),
      });
      expect([await pruner.prune(), await pruner.prune(), await pruner.prune()]).toEqual([true, true, false]);
      expect(await rows()).toEqual([1, 2]);
      expect((await backend.features.journal.progress(stays!.id))?.value).toBe('0.5');
      await backend.admin.discard(stays!.id);
      expect(await pruner.prune()).toBe(false);
      expect(await rows()).toEqual([0, 0]);
    });

    it('of one job that cannot be removed keep those of no other', async () => {
      const jobs = await reserved(5);
      await leases.note!(jobs.map(entryOf));
      const bad = jobs[2]!.id;
      for (const job of jobs) await dialect().db.change('delete from job_queue_jobs where id = ?', [job.id]);
      const all = new JournalRows(dialect());
      const refused = new BackendRefusedError('sql', 'not this one');
      const pruner = new JournalPruner({
        gone: (after, most) => all.gone(after, most),
        sweep: (ids) => (ids.includes(bad) ? Promise.reject(refused) : all.sweep(ids)),
      });
      await expect(pruner.prune()).rejects.toBe(refused);
      expect(await rows()).toEqual([1, 2]);
      await new JournalPruner(all).prune();
      expect(await rows()).toEqual([0, 0]);
    });

    it('cost a job that says nothing no statement', async () => {
      const [job] = await reserved(1);
      const { db } = dialect();
      const statements: string[] = [];
      const spies = (['rows', 'change', 'transaction'] as const).map((verb) => {
        const sound = db[verb].bind(db) as (...args: unknown[]) => Promise<unknown>;
        return jest.spyOn(db, verb).mockImplementation((...args: unknown[]) => {
          statements.push(String(args[0]));
          return sound(...args);
        });
      });
      await leases.settle([{ job: job!, outcome: 'delete' }], 0);
      for (const spy of spies) spy.mockRestore();
      expect(statements.filter((sql) => /progress|logs/.test(sql))).toEqual([]);
    });
  },
);
