import { drizzle } from 'drizzle-orm/better-sqlite3';
import { type Job, Process, Processor } from 'nestjs-simple-job-queue';
import { type InvoiceJob, invoices as invoiceJobs } from '../invoices/invoice-job';
import { invoices, type sqlite } from './database';

@Processor({ attempts: 3, backoff: 0 })
export class InvoiceProcessor {
  /** The invoice and the end of its job are committed together. */
  @Process(invoiceJobs, { transaction: true })
  write({ payload, attempt, transaction }: Job<InvoiceJob, typeof sqlite>): void {
    drizzle(transaction)
      .insert(invoices)
      .values({ ...payload, attempt })
      .run();
    if (payload.customer === 'Cem' && attempt === 1) throw new Error('the printer is out of paper');
  }
}
