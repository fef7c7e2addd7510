export const SEND_IMPORTANT_EMAILS = 'send_important_emails';

/** The payload of a job of `send_important_emails`. */
export interface Email {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}
