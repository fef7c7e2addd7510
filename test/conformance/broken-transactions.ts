import type {
  CallerTransactions,
  Features,
  Transacted,
  TransactingLeases,
} from '../../lib/core/contract/features';
import type { ScheduleChanges } from '../../lib/core/contract/ports/schedules';
import type { OpenedBackend, TestedApplication } from '../../lib/testing';
import { openOnDataSource } from '../support/tested-application';
import { overriding } from './broken-backends';

/** A queue on SQLite with the application's transactions beside it. */
type Sound = OpenedBackend & { readonly application: TestedApplication };

/** A fault of a port, put into the backend of a TypeORM DataSource, and the case that must find it. */
export interface BrokenTransactions {
  readonly fault: string;
  readonly caughtBy: string;
  readonly transactions?: (port: CallerTransactions, sound: Sound) => Partial<CallerTransactions>;
  /** Called for each transaction. */
  readonly schedules?: (changes: ScheduleChanges, sound: Sound) => Partial<ScheduleChanges>;
  /** Called for the leases of each worker. */
  readonly transacting?: (leases: TransactingLeases, sound: Sound) => Partial<TransactingLeases>;
}

export async function opened(broken: BrokenTransactions): Promise<OpenedBackend> {
  const sound = await openOnDataSource('sqlite');
  const { transactions, handlerTransactions, scheduleTransactions } = sound.backend.features;
  const features: Features = {
    ...sound.backend.features,
    transactions: overriding(transactions!, broken.transactions?.(transactions!, sound)),
    scheduleTransactions: {
      within: (transaction) => {
        const changes = scheduleTransactions!.within(transaction);
        return overriding(changes, broken.schedules?.(changes, sound));
      },
    },
    handlerTransactions: {
      lease: async (pipelines) => {
        const leases = await handlerTransactions!.lease(pipelines);
        return overriding(leases, broken.transacting?.(leases, sound));
      },
    },
  };
  return { ...sound, backend: overriding(sound.backend, { features }) };
}

const COMMITTED: Transacted = { outcome: 'committed' };

export const brokenTransactions: readonly BrokenTransactions[] = [
  {
    fault: 'stores a job at once, whatever becomes of the transaction',
    caughtBy: 'a job exists from the commit on, not before',
    transactions: (_, { backend }) => ({ put: (_transaction, ...rest) => backend.put(...rest) }),
  },
  {
    fault: 'keeps the delayed jobs of a transaction that is rolled back',
    caughtBy: 'jobs of a transaction that is rolled back never exist',
    transactions: (port, { backend }) => ({
      put: async (transaction, pipeline, jobs) => [
        ...(await backend.put(
          pipeline,
          jobs.filter(({ delay }) => delay > 0),
        )),
        ...(await port.put(
          transaction,
          pipeline,
          jobs.filter(({ delay }) => delay === 0),
        )),
      ],
    }),
  },
  {
    fault: 'forgets priorities in a transaction',
    caughtBy: 'a put in a transaction returns the ids in the order of the jobs, which are as they were put',
    transactions: (port) => ({
      put: (transaction, pipeline, jobs) =>
        port.put(
          transaction,
          pipeline,
          jobs.map((job) => ({ ...job, priority: 1024 })),
        ),
    }),
  },
  {
    fault: 'returns the ids of a transaction in another order',
    caughtBy: 'a put in a transaction returns the ids in the order of the jobs, which are as they were put',
    transactions: (port) => ({ put: async (...args) => [...(await port.put(...args))].reverse() }),
  },
  {
    fault: 'gives the jobs of a transaction three seconds late',
    caughtBy: 'a commit wakes a reserve that waits',
    transactions: (port) => ({
      put: (transaction, pipeline, jobs) =>
        port.put(
          transaction,
          pipeline,
          jobs.map((job) => ({ ...job, delay: 3 })),
        ),
    }),
  },
  {
    fault: 'stores at once what was put in no transaction',
    caughtBy: 'what is no transaction, or one that has ended, is refused, and nothing is stored',
    transactions: (port, { backend }) => ({
      put: (transaction, ...rest) => port.put(transaction, ...rest).catch(() => backend.put(...rest)),
    }),
  },
  {
    fault: 'sets a schedule at once, whatever becomes of the transaction',
    caughtBy: 'a schedule exists from the commit on, not before',
    schedules: (_, { backend }) => ({ set: (schedule) => backend.features.schedules!.set(schedule) }),
  },
  {
    fault: 'keeps a pause of a transaction that is rolled back',
    caughtBy: 'what a transaction that is rolled back has done to schedules never was',
    schedules: (_, { backend }) => ({ pause: (name) => backend.features.schedules!.pause(name) }),
  },
  {
    fault: 'says of every schedule that a transaction has removed it',
    caughtBy: 'each change in a transaction tells what it found, its own ones before it, too',
    schedules: (changes) => ({ remove: (name) => changes.remove(name).then(() => true) }),
  },
  {
    fault: 'lets a schedule rest that was set in a transaction',
    caughtBy: 'a schedule that a transaction has set fires after the commit',
    schedules: (changes) => ({
      set: async (schedule) => {
        await changes.set(schedule);
        await changes.pause(schedule.name);
      },
    }),
  },
  {
    fault: 'sets a schedule at once in what is no transaction',
    caughtBy: 'what is no transaction, or one that has ended, changes no schedule',
    schedules: (changes, { backend }) => ({
      set: (schedule) => changes.set(schedule).catch(() => backend.features.schedules!.set(schedule)),
    }),
  },
  {
    fault: 'deletes the job and rolls back what was written',
    caughtBy: 'what the work writes and the deletion of its job commit together',
    transacting: (leases) => ({
      transact: async (job, work) => {
        const rollback = new Error('rollback');
        const failed = leases.transact(job, async (transaction) => {
          await work(transaction);
          throw rollback;
        });
        await failed.catch((error: unknown) => {
          if (error !== rollback) throw error;
        });
        await leases.settle([{ job, outcome: 'delete' }], 0);
        return COMMITTED;
      },
    }),
  },
  {
    fault: 'commits what was written and keeps the job',
    caughtBy: 'what the work writes and the deletion of its job commit together',
    transacting: (_, { application }) => ({
      transact: async (_job, work) => {
        await application.transaction((transaction) => work(transaction as object));
        return COMMITTED;
      },
    }),
  },
  {
    fault: 'deletes the job before the work begins',
    caughtBy: 'when the work rejects, its writes are rolled back, and the job is still held',
    transacting: (leases, { application }) => ({
      transact: async (job, work) => {
        await leases.settle([{ job, outcome: 'delete' }], 0);
        await application.transaction((transaction) => work(transaction as object));
        return COMMITTED;
      },
    }),
  },
  {
    fault: 'commits before it looks whether the job is still held',
    caughtBy: 'a job that another worker has leased since is lost, and the writes are rolled back',
    transacting: (leases, { application }) => ({
      transact: async (job, work) => {
        await application.transaction((transaction) => work(transaction as object));
        const { lost } = await leases.settle([{ job, outcome: 'delete' }], 0);
        return lost.length > 0 ? { outcome: 'lost' } : COMMITTED;
      },
    }),
  },
  {
    fault: "runs the work for another worker's job",
    caughtBy: "another worker's job is lost, and the writes are rolled back",
    transacting: (leases, { application }) => ({
      transact: async (job, work) => {
        const transacted = await leases.transact(job, work);
        if (transacted.outcome === 'lost') {
          await application.transaction((transaction) => work(transaction as object));
        }
        return transacted;
      },
    }),
  },
  {
    fault: 'keeps nothing of a job that ends in a transaction',
    caughtBy: 'what a handler writes commits together with its job that is kept',
    transacting: (leases) => ({
      transact: (job, work) => leases.transact(job, async (transaction) => void (await work(transaction))),
    }),
  },
  {
    fault: 'settles nothing but in transactions',
    caughtBy: 'jobs without a transaction are settled and renewed as by any leases',
    transacting: () => ({ settle: async (ends) => ({ lost: ends.map(({ job }) => job), next: [] }) }),
  },
];
