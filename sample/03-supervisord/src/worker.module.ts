import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { ResultFile } from './work/result-file';
import { TaskProcessor } from './work/task.processor';

/** What a worker process needs; which queue it works for is said by JOB_QUEUE_URL. */
@Module({
  imports: [JobQueueModule.forRoot()],
  providers: [TaskProcessor, ResultFile],
})
export class WorkerModule {}
