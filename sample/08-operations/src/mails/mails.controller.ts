import { Body, Controller, Post } from '@nestjs/common';
import { JobQueueService } from 'nestjs-simple-job-queue';

@Controller('mails')
export class MailsController {
  constructor(private readonly queue: JobQueueService) {}

  @Post()
  async send(@Body() mail: { to: string }): Promise<{ id: string }> {
    return { id: await this.queue.addJob('mails', mail) };
  }
}
