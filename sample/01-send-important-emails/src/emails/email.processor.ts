import { BuryJob, type Job, Process, Processor } from 'nestjs-simple-job-queue';
import { MailRefusedError } from '../mail/mail-refused.error';
import { MailerService } from '../mail/mailer.service';
import { type Email, SEND_IMPORTANT_EMAILS } from './email';

@Processor(SEND_IMPORTANT_EMAILS, {
  concurrency: 10,
  attempts: 5,
  backoff: { type: 'exponential', delay: 0.5 },
})
export class EmailProcessor {
  constructor(private readonly mailer: MailerService) {}

  @Process()
  async send(job: Job<Email>): Promise<void> {
    try {
      await this.mailer.send(job.payload, { 'X-Job-Id': job.id, 'X-Job-Attempt': String(job.attempt) });
    } catch (error) {
      // Any other error is retried, as @Processor says.
      throw error instanceof MailRefusedError ? new BuryJob(error.message) : error;
    }
  }
}
