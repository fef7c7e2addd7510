import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { EmailsService } from './emails/emails.service';

/** The application that adds jobs; which queue it uses is said by JOB_QUEUE_URL. */
@Module({
  imports: [JobQueueModule.forRoot()],
  providers: [EmailsService],
})
export class AppModule {}
