import { DataSource } from 'typeorm';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import type { JobQueueService } from '../../lib/index';
import { typeOrmBackend } from '../../lib/typeorm';
import { applicationDatabases } from '../support/application-databases';
import { selectedBackends, selectedServers } from '../support/test-servers';
import { closeApplications, queueApplication } from './application';
import { currentTransactionCases } from './current-transaction.cases';

currentTransactionCases(selectedBackends().filter((name) => name in applicationDatabases));

for (const name of selectedServers().filter((name) => name in applicationDatabases)) {
  describe(`the current transaction of ${name}`, () => {
    let dataSource: DataSource;
    let remove: () => Promise<unknown>;
    let current: object | null | undefined;
    let queue: JobQueueService;

    beforeAll(async () => {
      const created = await applicationDatabases[name]!();
      remove = () => created.remove();
      dataSource = await new DataSource(created.options).initialize();
      const backend = typeOrmBackend({ dataSource });
      ({ queue } = await queueApplication([], { backend, currentTransaction: () => current }));
    });

    afterAll(async () => {
      await closeApplications();
      await dataSource.destroy();
      await remove();
    });

    const within = async (work: () => Promise<unknown>) => {
      const rollback = new Error('rolled back');
      const transaction = dataSource.transaction(async (manager) => {
        current = manager;
        await work();
        throw rollback;
      });
      await expect(transaction).rejects.toBe(rollback);
    };

    it('is joined by changes of schedules, but for those with transaction: null', async () => {
      const yearly = { pipeline: 'apart', cron: '0 0 1 1 *' };
      await queue.schedules.set('kept', yearly);
      await within(async () => {
        await queue.schedules.set('joined', yearly);
        expect(await queue.schedules.pause('joined')).toBe(true);
        await queue.schedules.runNow('joined');
        expect(await queue.schedules.remove('kept')).toBe(true);
        await queue.schedules.set('aside', { ...yearly, transaction: null });
        await queue.schedules.set('apart', { ...yearly, manager: null });
      });
      const names = (await queue.schedules.list()).map(({ name: each }) => each);
      expect(names).toEqual(['apart', 'aside', 'kept']);
      expect(await queue.getReadyCount('apart')).toBe(0);
    });

    it('gives way to the manager that a change of a schedule names', async () => {
      const yearly = { pipeline: 'named', cron: '0 0 1 1 *' };
      const names = async () => (await queue.schedules.list()).map(({ name: each }) => each);
      const before = await names();
      await within(async () => {
        await dataSource.transaction((manager) => queue.schedules.set('named', { ...yearly, manager }));
        const undone = dataSource.transaction(async (manager) => {
          expect(await queue.schedules.remove('named', { manager })).toBe(true);
          throw new Error('undone');
        });
        await expect(undone).rejects.toThrow('undone');
      });
      expect(await names()).toEqual([...before, 'named'].sort());
      await queue.schedules.remove('named');
    });

    it('is left alone with manager: null', async () => {
      await within(() => queue.addJob('apart', 1, { manager: null }));
      expect(await queue.getReadyCount('apart')).toBe(1);
    });

    it('is left alone with transaction: null', async () => {
      await within(() => queue.addJob('aside', 1, { transaction: null }));
      expect(await queue.getReadyCount('aside')).toBe(1);
    });

    it('is not given twice', async () => {
      await within(async () => {
        const adding = queue.addJob('twice', 1, { transaction: current!, manager: current! });
        await expect(adding).rejects.toThrow('transaction cannot be given together with manager');
        const removing = queue.schedules.remove('twice', { transaction: null, manager: current! });
        await expect(removing).rejects.toThrow('transaction cannot be given together with manager');
      });
    });

    it('gives way to the manager that the call names', async () => {
      await within(() => dataSource.transaction((manager) => queue.addJob('named', 1, { manager })));
      expect(await queue.getReadyCount('named')).toBe(1);
    });

    it('is none when it has ended', async () => {
      await within(async () => {});
      await queue.addJob('later', 1);
      expect(await queue.getReadyCount('later')).toBe(1);
    });
  });
}

it('is asked at every call and not joined when there is none', async () => {
  const answers: (object | null | undefined)[] = [undefined, null, {}, { queryRunner: { query: () => {} } }];
  const { queue } = await queueApplication([], {
    backend: memoryBackend(),
    currentTransaction: () => answers.shift(),
  });
  while (answers.length > 0) await queue.addJob('apart', 1);
  expect(await queue.getReadyCount('apart')).toBe(4);
  await closeApplications();
});
