import { Injectable } from '@nestjs/common';
import { JobQueueService } from 'nestjs-simple-job-queue';
import { SEND_IMPORTANT_EMAILS } from './email';
import type { EmailOrder } from './email-order';

/** Seconds until the job of a worker that died is given to another; while a handler runs, the worker renews it. */
const TIME_TO_RUN = 5;

@Injectable()
export class EmailsService {
  constructor(private readonly queue: JobQueueService) {}

  /** Resolves with the jobs' ids when every e-mail is in the queue for good. */
  sendLater(orders: readonly EmailOrder[]): Promise<string[]> {
    return this.queue.addJobs(
      SEND_IMPORTANT_EMAILS,
      orders.map(({ email, options }) => ({ payload: email, ttr: TIME_TO_RUN, ...options })),
    );
  }
}
