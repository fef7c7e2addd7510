import { type Job, Process, Processor } from 'nestjs-simple-job-queue';
import { type InvoiceJob, invoices } from '../../src/invoices/invoice-job';
import type { Prisma } from './generated/client';

@Processor({ attempts: 3, backoff: 0 })
export class InvoiceProcessor {
  /** The invoice and the end of its job are committed together. */
  @Process(invoices, { transaction: true })
  async write({ payload, attempt, transaction }: Job<InvoiceJob, Prisma.TransactionClient>): Promise<void> {
    await transaction.invoice.create({ data: { ...payload, attempt } });
    if (payload.customer === 'Cem' && attempt === 1) throw new Error('the printer is out of paper');
  }
}
