import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { jobBackend } from './database';
import { InvoiceProcessor } from './invoice.processor';

@Module({
  imports: [JobQueueModule.forRoot({ backend: jobBackend() })],
  providers: [InvoiceProcessor],
})
export class WorkerModule {}
