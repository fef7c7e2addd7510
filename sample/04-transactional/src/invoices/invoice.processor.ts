import { Process, Processor } from 'nestjs-simple-job-queue';
import type { TransactionalJob } from 'nestjs-simple-job-queue/typeorm';
import { Invoice } from './invoice';
import { type InvoiceJob, invoices } from './invoice-job';

@Processor({ attempts: 3, backoff: 0 })
export class InvoiceProcessor {
  /** The invoice and the end of its job are committed together. */
  @Process(invoices, { transaction: true })
  async write({ payload, attempt, manager }: TransactionalJob<InvoiceJob>): Promise<void> {
    await manager.save(Invoice, { ...payload, attempt });
    if (payload.customer === 'Cem' && attempt === 1) throw new Error('the printer is out of paper');
  }
}
