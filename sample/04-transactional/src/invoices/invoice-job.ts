import { definePipeline } from 'nestjs-simple-job-queue';

export interface InvoiceJob {
  readonly orderId: number;
  readonly customer: string;
}

export const invoices = definePipeline<InvoiceJob>('write_invoices');
