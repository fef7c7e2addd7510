import { Injectable } from '@nestjs/common';
import { JobQueueService } from 'nestjs-simple-job-queue';
import { invoices as invoiceJobs } from '../invoices/invoice-job';
import { NoCreditError } from '../orders/no-credit.error';
import type { Shop, WrittenInvoice } from '../shop';
import { db, inTransaction, invoices, orders, sqlite } from './database';

@Injectable()
export class OrdersService implements Shop {
  constructor(private readonly queue: JobQueueService) {}

  /** The order and the job that will write its invoice: both are there, or neither is. */
  async place(customer: string, credit: boolean): Promise<void> {
    await inTransaction('begin immediate', async () => {
      const order = db.insert(orders).values({ customer }).returning().get();
      await this.queue.addJob(invoiceJobs, { orderId: order.id, customer }, { transaction: sqlite });
      if (!credit) throw new NoCreditError(`${customer} has no credit`);
    });
  }

  async count(): Promise<number> {
    return db.$count(orders);
  }

  async countJobs(): Promise<number> {
    return this.queue.getReadyCount(invoiceJobs);
  }

  async invoices(): Promise<WrittenInvoice[]> {
    return db.select().from(invoices).orderBy(invoices.orderId);
  }

  /** Forgets what an earlier run has left in the database. */
  async clear(): Promise<void> {
    db.delete(orders).run();
    db.delete(invoices).run();
    for (const state of ['ready', 'delayed', 'buried'] as const) await this.queue.clear(invoiceJobs, state);
  }
}
