import { type Job, Process, Processor } from 'nestjs-simple-job-queue';

@Processor('mails')
export class MailsProcessor {
  @Process({ attempts: 1, keep: { completed: '1d' } })
  send(job: Job<{ to: string }>): { sent: string } {
    const { to } = job.payload;
    job.log(`to ${to}`);
    if (!to.includes('@')) throw new TypeError(`${to} is no address`);
    return { sent: to };
  }
}
