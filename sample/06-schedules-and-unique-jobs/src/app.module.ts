import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { InvoiceProcessor } from './invoices/invoice.processor';
import { OrdersService } from './invoices/orders.service';
import { Journal } from './journal';
import { ReportProcessor } from './reports/report.processor';
import { DocumentsService } from './search/documents.service';
import { IndexProcessor } from './search/index.processor';

/** A shop. Its queue is a SQLite file; any SQL system can take its place. */
@Module({
  imports: [JobQueueModule.forRoot({ backend: 'sqlite:shop.sqlite' })],
  providers: [Journal, OrdersService, InvoiceProcessor, DocumentsService, IndexProcessor, ReportProcessor],
})
export class AppModule {}
