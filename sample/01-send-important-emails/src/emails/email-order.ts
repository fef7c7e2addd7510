import { InputError } from '../input.error';
import type { Email } from './email';
import { isMailAddress } from './mail-address';

/** An e-mail to be sent, and when. */
export interface EmailOrder {
  readonly email: Email;
  readonly options: EmailOptions;
}

/** What is left out is the queue's default. */
export interface EmailOptions {
  /** Seconds, whole or broken. */
  delay?: number;
  /** 0 (most urgent) … 4294967295. */
  priority?: number;
}

export const EMAIL_COLUMNS = ['to', 'subject', 'body', 'delay', 'priority'] as const;
export type EmailRow = Readonly<Record<(typeof EMAIL_COLUMNS)[number], string>>;

// The largest number that every backend of the queue takes.
const MAX_UINT32 = 4_294_967_295;
const DELAY = { form: /^\d+(\.\d+)?$/, rule: `seconds such as 2 or 0.5, at most ${MAX_UINT32}` };
const PRIORITY = { form: /^\d+$/, rule: `a whole number from 0 (most urgent) to ${MAX_UINT32}` };

/** Throws `InputError`; `place` is where the row stands, for its message. */
export function emailOrder(row: EmailRow, place: string): EmailOrder {
  const to = row.to.trim();
  if (!isMailAddress(to)) {
    throw new InputError(`${place}: to ${JSON.stringify(to)} is no e-mail address such as ada@example.com.`);
  }
  const options: EmailOptions = {};
  if (row.delay.trim() !== '') options.delay = checkedNumber(row.delay, DELAY, `${place}: delay`);
  if (row.priority.trim() !== '')
    options.priority = checkedNumber(row.priority, PRIORITY, `${place}: priority`);
  return { email: { to, subject: row.subject, body: row.body }, options };
}

function checkedNumber(text: string, { form, rule }: typeof DELAY, place: string): number {
  const number = Number(text);
  if (!form.test(text.trim()) || number > MAX_UINT32) {
    throw new InputError(`${place} ${JSON.stringify(text)} is not possible: use ${rule}.`);
  }
  return number;
}
