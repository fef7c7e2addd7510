import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { typeOrmBackend } from 'nestjs-simple-job-queue/typeorm';
import { databaseOptions } from './database';
import { InvoiceProcessor } from './invoices/invoice.processor';

/** What a worker process needs: the same database, so that its transactions hold data and jobs. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({ useFactory: () => databaseOptions() }),
    JobQueueModule.forRoot({ backend: typeOrmBackend() }),
  ],
  providers: [InvoiceProcessor],
})
export class WorkerModule {}
