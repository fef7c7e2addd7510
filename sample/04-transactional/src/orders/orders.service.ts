import { Injectable } from '@nestjs/common';
import { JobQueueService } from 'nestjs-simple-job-queue';
import { DataSource } from 'typeorm';
import { Invoice } from '../invoices/invoice';
import { invoices } from '../invoices/invoice-job';
import type { Shop } from '../shop';
import { NoCreditError } from './no-credit.error';
import { Order } from './order';

@Injectable()
export class OrdersService implements Shop {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: JobQueueService,
  ) {}

  /** The order and the job that will write its invoice: both are there, or neither is. */
  async place(customer: string, credit = true): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const order = await manager.save(Order, { customer });
      await this.queue.addJob(invoices, { orderId: order.id, customer }, { manager });
      if (!credit) throw new NoCreditError(`${customer} has no credit`);
    });
  }

  count(): Promise<number> {
    return this.dataSource.getRepository(Order).count();
  }

  countJobs(): Promise<number> {
    return this.queue.getReadyCount(invoices);
  }

  invoices(): Promise<Invoice[]> {
    return this.dataSource.getRepository(Invoice).find({ order: { orderId: 'asc' } });
  }

  /** Forgets what an earlier run has left in the database. */
  async clear(): Promise<void> {
    await this.dataSource.getRepository(Order).clear();
    await this.dataSource.getRepository(Invoice).clear();
    for (const state of ['ready', 'delayed', 'buried'] as const) await this.queue.clear(invoices, state);
  }
}
