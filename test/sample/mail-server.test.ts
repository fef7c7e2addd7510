import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ConfigService } from '@nestjs/config';
import { MailFolder } from '../../sample/01-send-important-emails/src/demo/mail-folder';
import { MailServer } from '../../sample/01-send-important-emails/src/demo/mail-server';
import { match } from '../../sample/01-send-important-emails/src/demo/match';
import type { Email } from '../../sample/01-send-important-emails/src/emails/email';
import { MailerService } from '../../sample/01-send-important-emails/src/mail/mailer.service';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder';

const mailTo = (to: string): Email => ({ to, subject: 'Hello', body: 'World' });

describe("the sample's mail server", () => {
  let temporary: TemporaryFolder;
  let folder: MailFolder;
  let server: MailServer;
  let mailer: MailerService;

  beforeEach(async () => {
    temporary = await temporaryFolder('mail');
    folder = await MailFolder.empty(join(temporary.path, 'mail'));
    server = await MailServer.start(folder);
    mailer = new MailerService(new ConfigService({ SMTP_URL: server.url, MAIL_FROM: 'desk@example.com' }));
  });

  afterEach(async () => {
    mailer.onApplicationShutdown();
    await server[Symbol.asyncDispose]();
    await temporary.remove();
  });

  const tricky: readonly Email[] = [
    ...[
      'jürgen@example.com',
      'a@bücher.example',
      'A.B@Example.COM',
      "o'brien+x@example.com",
      '用户@例え.example',
    ].map(mailTo),
    ...[
      '',
      'a, "b" <c@d>; (e)',
      'x'.repeat(300),
      `${'long '.repeat(40)}end`,
      '日本語'.repeat(40),
      '👩‍👩‍👧‍👦 שלום',
      '100 % = 1',
      'a  b',
      'line\nbreak',
      '=?utf-8?Q?=48=69?=',
      `${'=?utf-8?Q?=48=69?= '.repeat(10)}日本語 end`,
    ].map((subject) => ({ ...mailTo('ada@example.com'), subject })),
    ...[
      '',
      '\n',
      ' a ',
      'ends with a break\n',
      'ends with two\n\n',
      '.\n..\n.x\n',
      'From me',
      'x'.repeat(3000),
      'word '.repeat(500),
      '日本語\n中文\n𠮷',
      'blanks  \n  \n at ends \t',
      '=41=\n=?utf-8?Q?x?=',
      '-- \nsignature',
      'one\r\ntwo\nthree\rfour',
      'e\u0301 is two code points',
    ].map((body) => ({ ...mailTo('ada@example.com'), body })),
  ];

  it('gives mails back as they were sent, however odd they are', async () => {
    for (const email of tricky) await mailer.send(email, { 'X-Job-Id': '1' });
    const { missing, surplus } = match(tricky, await folder.messages());
    expect({ missing, surplus: surplus.map(({ email }) => email) }).toEqual({ missing: [], surplus: [] });
  });

  it('keeps job and attempt with a mail', async () => {
    await mailer.send(mailTo('ada@example.com'), { 'X-Job-Id': '17', 'X-Job-Attempt': '3' });
    expect(await folder.messages()).toMatchObject([
      { jobId: '17', attempt: 3, email: { to: 'ada@example.com' } },
    ]);
  });

  it('refuses refused.example for good, until the mailbox is opened', async () => {
    const ghost = mailTo('ghost@Refused.Example');
    await expect(mailer.send(ghost, {})).rejects.toMatchObject({
      name: 'MailRefusedError',
      message: expect.stringMatching(/^550 .*no such mailbox/) as string,
    });
    server.mailboxes.open('ghost@refused.example');
    await mailer.send(ghost, {});
    await expect(mailer.send(mailTo('other@refused.example'), {})).rejects.toThrow(/^550 /);
    expect(await folder.messages()).toHaveLength(1);
  });

  it('refuses each address at flaky.example twice, and not for good', async () => {
    const busy = { responseCode: 451 };
    for (const flaky of [mailTo('a@flaky.example'), mailTo('b@flaky.example')]) {
      await expect(mailer.send(flaky, {})).rejects.toMatchObject(busy);
      await expect(mailer.send(flaky, {})).rejects.toMatchObject(busy);
      await mailer.send(flaky, {});
    }
    expect(await folder.messages()).toHaveLength(2);
  });

  it('keeps nothing of a message whose sender is gone in the middle', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    for (const command of ['EHLO x', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA']) {
      await once(socket, 'data');
      socket.write(`${command}\r\n`);
    }
    await once(socket, 'data');
    socket.write('Subject: half of\r\n\r\na mess');
    socket.resetAndDestroy();
    await mailer.send(mailTo('ada@example.com'), {});
    expect(await readdir(folder.path)).toEqual(['000001.eml']);
  });
});

describe("the sample's mail folder", () => {
  let temporary: TemporaryFolder;

  beforeEach(async () => {
    temporary = await temporaryFolder('mail');
  });

  afterEach(() => temporary.remove());

  it('starts without the mails of an earlier run', async () => {
    const earlier = await MailFolder.empty(temporary.path);
    await earlier.store(Buffer.from('Subject: old\r\n\r\n'));
    await writeFile(join(temporary.path, '000002.eml.part'), '');
    await MailFolder.empty(temporary.path);
    expect(await readdir(temporary.path)).toEqual([]);
  });

  it('touches no folder that holds something else', async () => {
    await writeFile(join(temporary.path, '000001.eml'), '');
    await mkdir(join(temporary.path, 'thesis'));
    await expect(MailFolder.empty(temporary.path)).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringContaining('holds thesis') as string,
    });
    expect(await readdir(temporary.path)).toEqual(['000001.eml', 'thesis']);
  });

  it('refuses a path that can be no folder', async () => {
    const file = join(temporary.path, 'file');
    await writeFile(file, '');
    await expect(MailFolder.empty(file)).rejects.toThrow(/cannot be a mail folder: EEXIST/);
  });
});
