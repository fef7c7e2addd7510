import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import type { Email } from '../emails/email';
import { InputError } from '../input.error';

export interface ArrivedMail {
  readonly file: string;
  readonly email: Email;
  readonly jobId: string;
  readonly attempt: number;
  readonly arrivedAt: Date;
}

const MAIL_FILE = /^\d{6,}\.eml$/;
const UNFINISHED = '.part';

/** A folder with one file a message, numbered as they arrived. */
export class MailFolder {
  private count = 0;
  private readonly read = new Map<string, ArrivedMail>();

  private constructor(readonly path: string) {}

  /**
   * Makes the folder, or removes the mails of an earlier run from it. Throws `InputError` when it cannot, or
   * when something else is in it: a folder that someone named by mistake loses nothing.
   */
  static async empty(path: string): Promise<MailFolder> {
    const names = await namesIn(path);
    const foreign = names.find((name) => !MAIL_FILE.test(name.replace(UNFINISHED, '')));
    if (foreign !== undefined) {
      throw new InputError(
        `${path} holds ${foreign}, which is no mail of an earlier run: name an empty folder.`,
      );
    }
    for (const name of names) await rm(join(path, name));
    return new MailFolder(path);
  }

  /** Resolves when the whole message is in its file; a file with half a message never has the final name. */
  async store(message: Buffer): Promise<void> {
    const file = join(this.path, `${String(++this.count).padStart(6, '0')}.eml`);
    await writeFile(file + UNFINISHED, message);
    await rename(file + UNFINISHED, file);
  }

  /** Every message, in the order of arrival. */
  async messages(): Promise<ArrivedMail[]> {
    const names = (await readdir(this.path)).filter((name) => MAIL_FILE.test(name)).sort();
    const mails: ArrivedMail[] = [];
    for (const name of names) {
      const mail = this.read.get(name) ?? (await readMail(join(this.path, name)));
      this.read.set(name, mail);
      mails.push(mail);
    }
    return mails;
  }
}

/** In milliseconds since 1970, the earliest in front. */
export function arrivalTimes(mails: readonly ArrivedMail[]): number[] {
  return mails.map(({ arrivedAt }) => arrivedAt.getTime()).sort((a, b) => a - b);
}

async function namesIn(path: string): Promise<string[]> {
  try {
    await mkdir(path, { recursive: true });
    return await readdir(path);
  } catch (error) {
    throw new InputError(`${path} cannot be a mail folder: ${(error as Error).message}`);
  }
}

async function readMail(file: string): Promise<ArrivedMail> {
  const mail = await simpleParser(await readFile(file));
  return {
    file,
    email: { to: addressesIn(mail.to), subject: mail.subject ?? '', body: mail.text ?? '' },
    jobId: headerOf(mail, 'x-job-id'),
    attempt: Number(headerOf(mail, 'x-job-attempt')),
    arrivedAt: (await stat(file)).mtime,
  };
}

function headerOf({ headers }: ParsedMail, name: string): string {
  const value = headers.get(name);
  return typeof value === 'string' ? value : '';
}

function addressesIn(header: AddressObject | AddressObject[] | undefined): string {
  return [header ?? []]
    .flat()
    .flatMap(({ value }) => value.map(({ address }) => address ?? ''))
    .join(', ');
}
