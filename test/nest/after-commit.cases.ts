import type { INestApplicationContext } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { type JobQueueService, type QueueBackend } from '../../lib/index';
import { applicationDatabases } from '../support/application-databases';
import { coded } from '../support/coded';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

/** A queue elsewhere gets its jobs after the commits of each of these databases. */
export function afterCommitCases(databases: readonly string[]): void {
  describe.each(databases)('after a commit of %s', (database) => {
    let dataSource: DataSource;
    let remove: () => Promise<unknown>;
    let app: INestApplicationContext;
    let backend: QueueBackend;
    let queue: JobQueueService;

    beforeAll(async () => {
      const created = await applicationDatabases[database]!();
      remove = () => created.remove();
      dataSource = await new DataSource(created.options).initialize();
    });

    afterAll(async () => {
      await dataSource.destroy();
      await remove();
    });

    beforeEach(async () => {
      backend = memoryBackend();
      ({ app, queue } = await queueApplication([], { backend }));
    });

    afterEach(closeApplications);

    const payloads = async () => (await queue.peek('mail', 'ready')).map((job) => Number(job.payload));
    const add = (payload: number, manager: EntityManager) =>
      queue.addJob('mail', payload, { afterCommit: manager });
    const rollback = new Error('rolled back');
    const rolledBack = async (work: Promise<unknown>) => expect(work).rejects.toBe(rollback);

    it('a job is added, and not before', async () => {
      await dataSource.transaction(async (manager) => {
        expect(await add(1, manager)).toBeUndefined();
        expect(await queue.selectPipeline<number>('mail').add(2, { afterCommit: manager })).toBeUndefined();
        expect(await payloads()).toEqual([]);
      });
      await until('the jobs are there', async () => (await payloads()).length === 2);
      expect(await payloads()).toEqual([1, 2]);
    });

    it('of a QueryRunner several jobs are added', async () => {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      const jobs = [{ payload: 1 }, { payload: 2, priority: 0 }];
      expect(await queue.addJobs('mail', jobs, { afterCommit: runner })).toBeUndefined();
      await runner.commitTransaction();
      await runner.release();
      await until('the jobs are there', async () => (await payloads()).length === 2);
      expect(await payloads()).toEqual([2, 1]);
    });

    it('there is no job of a transaction that was rolled back before', async () => {
      await rolledBack(
        dataSource.transaction(async (manager) => {
          await add(1, manager);
          throw rollback;
        }),
      );
      await dataSource.transaction((manager) => add(2, manager));
      await until('the second job is there', async () => (await payloads()).length > 0);
      expect(await payloads()).toEqual([2]);
    });

    it('there are the jobs of its inner transactions, but for those that were rolled back', async () => {
      await dataSource.transaction(async (manager) => {
        await manager.transaction(async (inner) => {
          await add(1, inner);
          await rolledBack(
            inner.transaction(async (innermost) => {
              await add(2, innermost);
              throw rollback;
            }),
          );
        });
        // The inner one has committed, which is no commit of the outermost.
        expect(await payloads()).toEqual([]);
        await rolledBack(
          manager.transaction(async (inner) => {
            await inner.transaction((innermost) => add(3, innermost));
            throw rollback;
          }),
        );
        await add(4, manager);
      });
      await until('the jobs are there', async () => (await payloads()).length === 2);
      expect(await payloads()).toEqual([1, 4]);
    });

    it('a job is added of a DataSource that was initialised again', async () => {
      await dataSource.transaction((manager) => add(1, manager));
      await dataSource.destroy();
      await dataSource.initialize();
      await dataSource.transaction((manager) => add(2, manager));
      await until('the jobs are there', async () => (await payloads()).length === 2);
    });

    it('a job is refused at once when it cannot be added', async () => {
      await dataSource.transaction(async (manager) => {
        await expect(queue.addJob('mail', 1n, { afterCommit: manager })).rejects.toThrow(
          coded('INVALID_PAYLOAD'),
        );
        await expect(queue.addJob('mail', 1, { afterCommit: manager, delay: -1 })).rejects.toThrow(
          coded('INVALID_JOB_OPTION'),
        );
        await expect(
          queue.addJob('mail', 1, { afterCommit: manager, manager } as unknown as { afterCommit: object }),
        ).rejects.toThrow(
          coded('INVALID_JOB_OPTION', {
            message: 'manager cannot be given together with afterCommit: give one of them',
          }),
        );
      });
      for (const none of [dataSource.manager, dataSource.createQueryRunner(), {}, null]) {
        await expect(queue.addJob('mail', 1, { afterCommit: none as object })).rejects.toThrow(
          coded('INVALID_JOB_OPTION', {
            message: expect.stringMatching(/^afterCommit has no active transaction/),
          }),
        );
      }
      expect(await payloads()).toEqual([]);
    });

    it('what fails is logged, with its pipeline and reason', async () => {
      const logged: unknown[] = [];
      backend.put = () => Promise.reject(new Error('the queue is full'));
      const log = (message: unknown) => void logged.push(message);
      app.useLogger({ log() {}, warn() {}, error: log });
      await dataSource.transaction(async (manager) => {
        await add(1, manager);
        await queue.addJobs('mail', [{ payload: 1 }, { payload: 2 }], { afterCommit: manager });
      });
      await until('both are logged', () => logged.length === 2);
      expect(logged).toEqual([
        'A job of mail could not be added after the commit, and nobody tries it again: the queue is full',
        '2 jobs of mail could not be added after the commit, and nobody tries it again: the queue is full',
      ]);
      app.useLogger(false);
    });

    it('what is being added is awaited before the backend is closed', async () => {
      const steps: string[] = [];
      const put = backend.put.bind(backend);
      const close = backend.close.bind(backend);
      backend.put = async (...jobs) => {
        for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
        const ids = await put(...jobs);
        steps.push('added');
        return ids;
      };
      backend.close = () => {
        steps.push('closed');
        return close();
      };
      await dataSource.transaction((manager) => add(1, manager));
      await closeApplications();
      expect(steps).toEqual(['added', 'closed']);
    });
  });
}
