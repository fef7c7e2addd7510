import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Email } from '../emails/email';
import { MailRefusedError } from './mail-refused.error';
import { type SmtpTransport, smtpTransport } from './smtp-transport';
import { subjectHeader } from './subject-header';

/** Sends e-mails through the server at SMTP_URL, from the address MAIL_FROM. */
@Injectable()
export class MailerService implements OnApplicationShutdown {
  private readonly from: string;
  private readonly transport: SmtpTransport;

  constructor(config: ConfigService) {
    this.from = config.getOrThrow<string>('MAIL_FROM');
    this.transport = smtpTransport(config.getOrThrow<string>('SMTP_URL'));
  }

  /** Resolves when the server has taken the mail over; throws `MailRefusedError` when it never will. */
  async send(email: Email, headers: Record<string, string>): Promise<void> {
    try {
      await this.transport.sendMail({
        from: this.from,
        // An object is taken as it is; a text would be parsed, and a comma in it would make two recipients.
        to: { name: '', address: email.to },
        subject: subjectHeader(email.subject),
        text: email.body,
        textEncoding: 'quoted-printable',
        headers,
      });
    } catch (error) {
      throw isRefusal(error) ? new MailRefusedError(error.response, { cause: error }) : error;
    }
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }
}

interface SmtpRefusal extends Error {
  readonly response: string;
}

/** 5xx to the envelope or to the message itself; a refused log-in, say, is no fault of the mail. */
function isRefusal(error: unknown): error is SmtpRefusal {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== undefined && responseCode >= 500;
}
