import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { EmailProcessor } from './emails/email.processor';
import { MailModule } from './mail/mail.module';

/** What a worker process needs, and no more; which queue it works for is said by JOB_QUEUE_URL. */
@Module({
  imports: [JobQueueModule.forRoot(), MailModule],
  providers: [EmailProcessor],
})
export class WorkerModule {}
