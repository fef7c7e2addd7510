import { definePipeline } from 'nestjs-simple-job-queue';

/** The payload of a job of `send_important_emails`. */
export interface Email {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

export const SEND_IMPORTANT_EMAILS = definePipeline<Email>('send_important_emails');
