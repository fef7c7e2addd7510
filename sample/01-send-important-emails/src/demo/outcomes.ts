import type { EmailOrder } from '../emails/email-order';
import { type Kind, kindOf, KINDS } from './kind';
import type { ArrivedMail } from './mail-folder';
import { match } from './match';

/** What became of all e-mails of one kind, as the mail folder shows it. */
export interface Outcome {
  readonly kind: Kind;
  readonly rows: number;
  readonly delivered: readonly ArrivedMail[];
}

export function outcomesOf(orders: readonly EmailOrder[], mails: readonly ArrivedMail[]): Outcome[] {
  const emails = orders.map(({ email }) => email);
  const { arrived } = match(emails, mails);
  return KINDS.map((kind) => {
    const ofKind = orders.filter((order) => kindOf(order) === kind);
    return { kind, rows: ofKind.length, delivered: ofKind.flatMap(({ email }) => arrived.get(email) ?? []) };
  });
}
