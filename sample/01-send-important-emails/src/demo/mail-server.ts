import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { MailFolder } from './mail-folder';
import { Mailboxes } from './mailboxes';

/** An SMTP server on the loopback interface that writes every message to a folder. */
export class MailServer implements AsyncDisposable {
  readonly mailboxes = new Mailboxes();
  private readonly server: SMTPServer;

  private constructor(folder: MailFolder) {
    this.server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 1_000,
      onRcptTo: ({ address }, _session, answer) => {
        answerWith(async () => this.mailboxes.admit(address), answer);
      },
      // The client hears yes only when the file is there: that makes the mail the server's.
      onData: (stream, _session, answer) => {
        answerWith(async () => folder.store(await buffer(stream)), answer);
      },
    });
    // A worker that is killed breaks its connections, and that must not end the server.
    this.server.on('error', () => {});
  }

  static async start(folder: MailFolder): Promise<MailServer> {
    const mailServer = new MailServer(folder);
    await once(mailServer.server.listen(0, '127.0.0.1'), 'listening');
    return mailServer;
  }

  get url(): string {
    const { address, port } = this.server.server.address() as AddressInfo;
    return `smtp://${address}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((closed) => this.server.close(closed));
  }
}

function answerWith(action: () => Promise<void>, answer: (error?: Error) => void): void {
  action().then(() => answer(), answer);
}
