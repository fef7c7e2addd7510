import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { ReportsController } from './reports/reports.controller';
import { ReportsService } from './reports/reports.service';

/** The web process adds jobs and works on none. JOB_QUEUE_URL says where the queue is. */
@Module({
  imports: [JobQueueModule.forRoot({ workers: false })],
  controllers: [ReportsController],
  providers: [ReportsService],
})
export class AppModule {}
