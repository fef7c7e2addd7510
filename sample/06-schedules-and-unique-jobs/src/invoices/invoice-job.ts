import { definePipeline } from 'nestjs-simple-job-queue';

export const invoices = definePipeline<{ readonly order: number }>('write_invoice');
