import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { ThumbnailProcessor } from './pictures/thumbnail.processor';

@Module({
  imports: [JobQueueModule.forRoot()],
  providers: [ThumbnailProcessor],
})
export class WorkerModule {}
