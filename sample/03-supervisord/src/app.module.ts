import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { TasksService } from './work/tasks.service';

/** The application that adds jobs; which queue it uses is said by JOB_QUEUE_URL. */
@Module({
  imports: [JobQueueModule.forRoot({ workers: false })],
  providers: [TasksService],
  exports: [TasksService],
})
export class AppModule {}
