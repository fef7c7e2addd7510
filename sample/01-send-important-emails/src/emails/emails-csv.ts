import { join } from 'node:path';
import { InputError } from '../input.error';
import { readCsv } from './csv';
import { EMAIL_COLUMNS, type EmailOrder, emailOrder } from './email-order';

/** The e-mails that come with the sample. */
export const EMAILS_CSV = join(__dirname, '..', '..', 'data', 'emails.csv');

/** Reads the e-mails to be sent. Throws `InputError` naming file, line and reason of the first mistake. */
export async function readEmailsCsv(file: string): Promise<EmailOrder[]> {
  const rows = await readCsv(file, EMAIL_COLUMNS);
  if (rows.length === 0)
    throw new InputError(`${file}: there is no e-mail in it, only the names of columns.`);
  return rows.map(({ fields, line }) => emailOrder(fields, `${file}:${line}`));
}
