import type { Email } from '../emails/email';
import type { ArrivedMail } from './mail-folder';
import { wireForm } from './wire-form';

export interface Match {
  readonly arrived: ReadonlyMap<Email, ArrivedMail>;
  /** E-mails for which no message is there. */
  readonly missing: readonly Email[];
  /** Messages for which there is no e-mail, or one that arrived already. */
  readonly surplus: readonly ArrivedMail[];
}

/** Finds for each e-mail its own message, by recipient, subject and body. */
export function match(emails: readonly Email[], mails: readonly ArrivedMail[]): Match {
  const waiting = byWireForm(emails);
  const arrived = new Map<Email, ArrivedMail>();
  const surplus: ArrivedMail[] = [];
  for (const mail of mails) {
    const email = waiting.get(wireForm(mail.email))?.shift();
    if (email) arrived.set(email, mail);
    else surplus.push(mail);
  }
  return { arrived, surplus, missing: [...waiting.values()].flat() };
}

function byWireForm(emails: readonly Email[]): Map<string, Email[]> {
  const groups = new Map<string, Email[]>();
  for (const email of emails) {
    const form = wireForm(email);
    const group = groups.get(form);
    if (group) group.push(email);
    else groups.set(form, [email]);
  }
  return groups;
}
