import { join, relative } from 'node:path';
import { CommandError } from '../command.error';
import type { Email } from '../emails/email';
import { readEmailsCsv } from '../emails/emails-csv';
import type { DemoOptions } from './demo-options';
import { MailFolder } from './mail-folder';
import { MailServer } from './mail-server';
import { isRefusedAddress } from './mailboxes';
import { runMain } from './main-process';
import { match } from './match';
import { outcomesOf } from './outcomes';
import { progressOf } from './progress';
import { QueueMonitor } from './queue-monitor';
import { type Rate, rateOf } from './rate';
import { buriedList, differences, outcomeTable, rateLine } from './report';
import { soleRun } from './sole-run';
import { WorkerProcess } from './worker-process';

const APPLICATION = join(__dirname, '..', '..', 'dist');
const MAIN = join(APPLICATION, 'main.js');
const WORKER = join(APPLICATION, 'worker.js');
const MAIL_FROM = 'The sample <sample@example.com>';
const MOST_BURIED_JOBS_SHOWN = 20;

/** What a demonstration has shown beside that all is well. */
export interface Demonstrated {
  /** In the mail folder at the end. */
  readonly mails: number;
  /** Missing when there were too few jobs to tell. */
  readonly rate?: Rate;
}

/**
 * Adds the e-mails of a CSV file, has a worker send them to a mail server of its own, and checks what arrived.
 * Throws `CommandError` when that is not what it should be, and the reason of `interrupted` when that aborts;
 * either way what it started is stopped.
 */
export async function demonstrate(options: DemoOptions, interrupted: AbortSignal): Promise<Demonstrated> {
  const { input, mailFolder, out, queueUrl } = options;
  interrupted.throwIfAborted();
  const orders = await readEmailsCsv(input);
  await using own = await soleRun(out);
  const folder = await MailFolder.empty(mailFolder);

  await using server = await MailServer.start(folder);
  await using monitor = await QueueMonitor.open(queueUrl);
  await monitor.clear();
  const env = { ...process.env, JOB_QUEUE_URL: queueUrl, SMTP_URL: server.url, MAIL_FROM };
  console.log(`SMTP server ${server.url}, one file a message in ${here(folder.path)}`);

  console.log(`\n$ node ${here(MAIN)} --input ${here(input)}`);
  const addedAt = new Date();
  await runMain(MAIN, ['--input', input], env, interrupted);

  console.log(`\n$ node ${here(WORKER)}`);
  await using worker = await WorkerProcess.start(WORKER, env, join(own.folder, 'worker.log'));
  const ended = AbortSignal.any([worker.died, interrupted]);
  await showProgress(monitor, orders.length, ended);

  const outcomes = outcomesOf(orders, await folder.messages());
  const rate = rateOf(outcomes);
  console.log(`\n${outcomeTable(outcomes, addedAt)}\n\n${rateLine(rate)}`);

  const kicked = await kickOne(monitor, server, folder, ended);

  const ending = await worker.stop();
  console.log(`\nSIGTERM to the worker: ${ending}`);
  if (ending !== 'exit code 0') throw new CommandError('The worker should have ended with exit code 0.');

  const accepted = orders.map(({ email }) => email).filter(({ to }) => !isRefusedAddress(to));
  const mails = await checkMails(folder, [...accepted, ...kicked]);
  return { mails, ...(rate && { rate }) };
}

async function showProgress(monitor: QueueMonitor, jobs: number, ended: AbortSignal): Promise<void> {
  const progress = progressOf(jobs, process.stdout);
  try {
    await monitor.settled(ended, (stats) => progress.show(stats));
  } finally {
    progress.end();
  }
}

/** Shows the buried jobs, opens the mailbox of one, kicks it and answers the e-mail that is delivered by that. */
async function kickOne(
  monitor: QueueMonitor,
  server: MailServer,
  folder: MailFolder,
  ended: AbortSignal,
): Promise<Email[]> {
  const jobs = await monitor.buriedJobs(MOST_BURIED_JOBS_SHOWN);
  console.log(`\n${buriedList(await monitor.buriedCount(), jobs)}`);
  const job = jobs.find(({ payload }) => payload && isRefusedAddress(payload.to));
  if (!job?.payload) return [];

  const email = job.payload;
  server.mailboxes.open(email.to);
  await monitor.kick(job);
  console.log(`\n${email.to} has a mailbox now, job ${job.id} is kicked`);
  await monitor.settled(ended);
  const mail = (await folder.messages()).find(({ jobId }) => jobId === job.id);
  console.log(mail ? `delivered at attempt ${mail.attempt}: ${here(mail.file)}` : 'not delivered');
  return [email];
}

/** Answers how many mails there are; throws `CommandError` unless they are exactly these, each once. */
async function checkMails(folder: MailFolder, expected: readonly Email[]): Promise<number> {
  const mails = await folder.messages();
  const problems = differences(match(expected, mails));
  if (problems !== '') {
    throw new CommandError(`${here(folder.path)} does not hold what it should:\n${problems}`);
  }
  console.log(
    `${here(folder.path)} holds ${mails.length} mails: exactly those that should be there, with recipient, subject and body.`,
  );
  return mails.length;
}

function here(path: string): string {
  return relative('.', path);
}
