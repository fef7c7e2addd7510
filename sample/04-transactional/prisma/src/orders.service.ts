import { Injectable } from '@nestjs/common';
import { JobQueueService } from 'nestjs-simple-job-queue';
import { invoices } from '../../src/invoices/invoice-job';
import { NoCreditError } from '../../src/orders/no-credit.error';
import type { Shop, WrittenInvoice } from '../../src/shop';
import { PrismaService } from './prisma.service';

@Injectable()
export class OrdersService implements Shop {
  constructor(
    private readonly prisma: PrismaService,
    private readonly queue: JobQueueService,
  ) {}

  /** The order and the job that will write its invoice: both are there, or neither is. */
  async place(customer: string, credit: boolean): Promise<void> {
    await this.prisma.$transaction(async (transaction) => {
      const order = await transaction.order.create({ data: { customer } });
      await this.queue.addJob(invoices, { orderId: order.id, customer }, { transaction });
      if (!credit) throw new NoCreditError(`${customer} has no credit`);
    });
  }

  count(): Promise<number> {
    return this.prisma.order.count();
  }

  countJobs(): Promise<number> {
    return this.queue.getReadyCount(invoices);
  }

  invoices(): Promise<WrittenInvoice[]> {
    return this.prisma.invoice.findMany({ orderBy: { orderId: 'asc' } });
  }

  /** Forgets what an earlier run has left in the database. */
  async clear(): Promise<void> {
    await this.prisma.order.deleteMany();
    await this.prisma.invoice.deleteMany();
    for (const state of ['ready', 'delayed', 'buried'] as const) await this.queue.clear(invoices, state);
  }
}
