import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { ReportProcessor } from './reports/report.processor';

@Module({
  imports: [JobQueueModule.forRoot()],
  providers: [ReportProcessor],
})
export class WorkerModule {}
