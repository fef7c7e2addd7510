import type { Email } from '../emails/email';
import { canonicalAddress } from '../emails/mail-address';

/** Equal for two e-mails that are the same mail, whatever way they came. */
export function wireForm({ to, subject, body }: Email): string {
  return JSON.stringify([
    canonicalAddress(to),
    // A subject is one line, and a long one is folded at its blanks (RFC 5322, 2.2.3).
    subject.replace(/[ \t\r\n]+/g, ' ').trim(),
    // Line breaks travel as CRLF, and every message ends with one.
    body.replace(/\r\n?/g, '\n').replace(/\n$/, ''),
  ]);
}
