import { Injectable } from '@nestjs/common';
import { JobQueueService } from 'nestjs-simple-job-queue';
import { invoices } from './invoice-job';

@Injectable()
export class OrdersService {
  constructor(private readonly queue: JobQueueService) {}

  /** Whoever confirms an order, and however often within a day: it has one invoice. */
  confirm(order: number): Promise<{ id: string; added: boolean }> {
    return this.queue.addJobOnce(invoices, { order }, { unique: { key: `order:${order}`, for: '1d' } });
  }
}
