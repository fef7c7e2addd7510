import { Injectable } from '@nestjs/common';
import { ClsPluginTransactional, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterDrizzleOrm } from '@nestjs-cls/transactional-adapter-drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { integer, pgTable } from 'drizzle-orm/pg-core';
import { ClsModule } from 'nestjs-cls';
import { Pool } from 'pg';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { newPlace, type Place } from '../orms/place';
import { application, closeApplications } from './application';

/* The transaction that @nestjs-cls/transactional keeps by its adapter for Drizzle is joined, without TypeORM. */

const orders = pgTable('orders', { id: integer().primaryKey() });
const DRIZZLE = Symbol('drizzle');

type Adapter = TransactionalAdapterDrizzleOrm<NodePgDatabase>;

@Injectable()
class Orders {
  constructor(
    private readonly host: TransactionHost<Adapter>,
    private readonly queue: JobQueueService,
  ) {}

  @Transactional()
  async place(id: number, fails = false): Promise<void> {
    const transaction: NodePgDatabase = this.host.tx;
    await transaction.insert(orders).values({ id });
    await this.queue.addJob('send_invoice', { orderId: id });
    await this.queue.schedules.set(`reminder-${id}`, { pipeline: 'reminders', every: '1d' });
    if (fails) throw new Error('out of stock');
  }
}

describe('a transaction of Drizzle, which @nestjs-cls/transactional keeps', () => {
  let place: Place;
  let pool: Pool;
  let queue: JobQueueService;
  let service: Orders;

  beforeAll(async () => {
    place = await newPlace('postgres');
    pool = new Pool({ connectionString: place.application });
    const database = { provide: DRIZZLE, useValue: drizzle(pool) };
    const app = await application({
      imports: [
        ClsModule.forRoot({
          plugins: [
            new ClsPluginTransactional({
              imports: [{ module: class DrizzleModule {}, providers: [database], exports: [database] }],
              adapter: new TransactionalAdapterDrizzleOrm({ drizzleInstanceToken: DRIZZLE }),
            }),
          ],
        }),
        JobQueueModule.forRootAsync({
          inject: [TransactionHost],
          useFactory: (host: TransactionHost<Adapter>) => ({
            backend: place.queue,
            currentTransaction: () => host.tx,
          }),
        }),
      ],
      providers: [Orders],
    });
    queue = app.get(JobQueueService);
    service = app.get(Orders);
  });

  afterAll(async () => {
    await closeApplications();
    await pool.end();
    await place.remove();
  });

  const outcome = async () => [
    (await place.ask('select id from orders')).length,
    await queue.getReadyCount('send_invoice'),
    (await queue.schedules.list()).map(({ name }) => name),
  ];

  it('is joined: jobs and schedules are rolled back with it, and commit with it', async () => {
    await expect(service.place(1, true)).rejects.toThrow('out of stock');
    expect(await outcome()).toEqual([0, 0, []]);
    await service.place(2);
    expect(await outcome()).toEqual([1, 1, ['reminder-2']]);
  });

  it('is none of an addJob outside of it', async () => {
    await queue.addJob('mails', 1);
    expect(await queue.getReadyCount('mails')).toBe(1);
  });
});
