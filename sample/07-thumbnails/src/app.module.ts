import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { PicturesController } from './pictures/pictures.controller';
import { PicturesService } from './pictures/pictures.service';

/** The web process adds jobs and works on none. JOB_QUEUE_URL says where the queue is. */
@Module({
  imports: [JobQueueModule.forRoot({ workers: false })],
  controllers: [PicturesController],
  providers: [PicturesService],
})
export class AppModule {}
