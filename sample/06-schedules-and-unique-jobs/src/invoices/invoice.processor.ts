import { type JobOf, Process, Processor } from 'nestjs-simple-job-queue';
import { Journal } from '../journal';
import { invoices } from './invoice-job';

@Processor({ attempts: 3, backoff: '10s' })
export class InvoiceProcessor {
  constructor(private readonly journal: Journal) {}

  @Process(invoices)
  write({ payload }: JobOf<typeof invoices>): void {
    this.journal.note(`the invoice of order ${payload.order} is written`);
  }
}
