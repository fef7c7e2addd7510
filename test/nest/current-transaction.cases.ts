import { AsyncLocalStorage } from 'node:async_hooks';
import { type DynamicModule, type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { ClsPluginTransactional, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import { DataSource, type EntityManager } from 'typeorm';
import {
  addTransactionalDataSource,
  deleteDataSourceByName,
  initializeTransactionalContext,
  Transactional as TypeormTransactional,
} from 'typeorm-transactional';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { type Job, JobQueueModule, JobQueueService, Process, Processor } from '../../lib/index';
import { typeOrmBackend } from '../../lib/typeorm';
import { applicationDatabases } from '../support/application-databases';
import { coded } from '../support/coded';
import { until } from '../support/until';
import { application, closeApplications } from './application';

interface Order {
  readonly id: number;
  readonly fails?: boolean;
}

/** What both libraries' services look like. */
interface Orders {
  place(order: Order): Promise<unknown>;
}

/** The current transaction is joined, on each of these databases and whichever library keeps it. */
export function currentTransactionCases(databases: readonly string[]): void {
  const request = new AsyncLocalStorage<string>();
  const handled: string[] = [];

  @Processor('invoices')
  class InvoiceProcessor {
    @Process()
    send({ payload }: Job<Order>): void {
      handled.push(`order ${payload.id} in ${request.getStore() ?? 'no request'}`);
    }
  }

  @Injectable()
  class OrdersOfTypeormTransactional implements Orders {
    constructor(
      private readonly dataSource: DataSource,
      private readonly queue: JobQueueService,
    ) {}

    @TypeormTransactional()
    place(order: Order): Promise<unknown> {
      return placed(order, this.dataSource.manager, this.queue);
    }
  }

  @Injectable()
  class OrdersOfNestjsCls implements Orders {
    constructor(
      private readonly host: TransactionHost<TransactionalAdapterTypeOrm>,
      private readonly queue: JobQueueService,
    ) {}

    @Transactional()
    place(order: Order): Promise<unknown> {
      return placed(order, this.host.tx, this.queue);
    }
  }

  async function placed(
    { id, fails }: Order,
    manager: EntityManager,
    queue: JobQueueService,
  ): Promise<unknown> {
    await manager.query(`insert into orders (id) values (${id})`);
    const job = await queue.addJob('invoices', { id });
    await queue.addJobs('packets', [{ payload: 1 }, { payload: 2 }]);
    if (fails) throw new Error('out of stock');
    return job;
  }

  /** The application's database, for everybody to inject. */
  @Module({})
  class DatabaseModule {
    static of(dataSource: DataSource): DynamicModule {
      const providers = [{ provide: DataSource, useValue: dataSource }];
      return { module: DatabaseModule, global: true, providers, exports: providers };
    }
  }

  const libraries = {
    'typeorm-transactional': (dataSource: DataSource, backend = typeOrmBackend({ dataSource })) => {
      initializeTransactionalContext();
      addTransactionalDataSource(dataSource);
      return {
        orders: OrdersOfTypeormTransactional,
        imports: [JobQueueModule.forRoot({ backend, currentTransaction: () => dataSource.manager })],
      };
    },
    '@nestjs-cls/transactional': (dataSource: DataSource, backend = typeOrmBackend({ dataSource })) => ({
      orders: OrdersOfNestjsCls,
      imports: [
        ClsModule.forRoot({
          plugins: [
            new ClsPluginTransactional({
              adapter: new TransactionalAdapterTypeOrm({ dataSourceToken: DataSource }),
            }),
          ],
        }),
        JobQueueModule.forRootAsync({
          inject: [TransactionHost],
          useFactory: (host: TransactionHost<TransactionalAdapterTypeOrm>) => ({
            backend,
            currentTransaction: () => host.tx,
          }),
        }),
      ],
    }),
  };

  describe.each(
    databases.flatMap((database) =>
      Object.entries(libraries).map(([library, set]) => ({ database, library, set })),
    ),
  )('a transaction of $library on $database', ({ database, set }) => {
    let dataSource: DataSource;
    let remove: () => Promise<unknown>;

    beforeAll(async () => {
      const created = await applicationDatabases[database]!();
      remove = () => created.remove();
      dataSource = await new DataSource(created.options).initialize();
      await dataSource.query('create table orders (id integer primary key)');
    });

    afterAll(async () => {
      await dataSource.destroy();
      await remove();
    });

    beforeEach(() => handled.splice(0));

    afterEach(async () => {
      await closeApplications();
      deleteDataSourceByName('default');
      await dataSource.query('delete from orders');
    });

    async function start(inMemory = false): Promise<{
      app: INestApplicationContext;
      queue: JobQueueService;
      orders: Orders;
    }> {
      const { orders, imports } = set(dataSource, inMemory ? (memoryBackend() as never) : undefined);
      const app = await application({
        imports: [DatabaseModule.of(dataSource), ...imports],
        providers: [orders, InvoiceProcessor],
      });
      const queue = app.get(JobQueueService);
      for (const pipeline of inMemory ? [] : ['invoices', 'packets']) await queue.clear(pipeline, 'ready');
      return { app, queue, orders: app.get<Orders>(orders) };
    }

    const numberOfOrders = async () => (await dataSource.query<unknown[]>('select id from orders')).length;

    it('is joined: when it commits, the jobs exist and workers are woken', async () => {
      const { queue, orders } = await start();
      const id = await request.run('a request', () => orders.place({ id: 1 }));
      expect(id).toMatch(/^\d+$/);
      // Neither in the transaction nor in the request of whoever added the job.
      await until('the job is handled', () => handled.length === 1);
      expect(handled).toEqual(['order 1 in no request']);
      expect(await queue.getReadyCount('packets')).toBe(2);
      expect(await numberOfOrders()).toBe(1);
    });

    it('is joined: when it is rolled back, there are no jobs', async () => {
      const { queue, orders } = await start();
      await expect(orders.place({ id: 1, fails: true })).rejects.toThrow('out of stock');
      expect(await queue.getReadyCount('packets')).toBe(0);
      await orders.place({ id: 2 });
      await until('the second job is handled', () => handled.length === 1);
      expect(handled).toEqual(['order 2 in no request']);
      expect(await numberOfOrders()).toBe(1);
    });

    it('is none of an addJob outside of it', async () => {
      const { queue } = await start();
      await queue.addJob('packets', 1);
      expect(await queue.getReadyCount('packets')).toBe(1);
    });

    it('is not joined with a queue that cannot, which is an error', async () => {
      const { orders } = await start(true);
      await expect(orders.place({ id: 1 })).rejects.toThrow(
        coded('UNSUPPORTED_BY_BACKEND', { message: expect.stringContaining('afterCommit') }),
      );
      expect(await numberOfOrders()).toBe(0);
    });
  });
}
