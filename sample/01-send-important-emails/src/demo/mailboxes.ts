import { canonicalAddress, domainOf } from '../emails/mail-address';

const REFUSED_DOMAIN = 'refused.example';
const FLAKY_DOMAIN = 'flaky.example';
const FLAKY_REFUSALS = 2;

/** An answer to RCPT TO; `responseCode` is where smtp-server looks for it. */
export class SmtpRefusal extends Error {
  constructor(
    readonly responseCode: 451 | 550,
    message: string,
  ) {
    super(message);
  }
}

export function isRefusedAddress(address: string): boolean {
  return domainOf(address) === REFUSED_DOMAIN;
}

export function isFlakyAddress(address: string): boolean {
  return domainOf(address) === FLAKY_DOMAIN;
}

/** Whom the mail server knows: everybody, but nobody at refused.example, and at flaky.example not at once. */
export class Mailboxes {
  private readonly opened = new Set<string>();
  private readonly tries = new Map<string, number>();

  /** Takes mail for an address that was refused so far. */
  open(address: string): void {
    this.opened.add(canonicalAddress(address));
  }

  /** Answers one RCPT TO; throws `SmtpRefusal`. */
  admit(recipient: string): void {
    const address = canonicalAddress(recipient);
    if (isRefusedAddress(address) && !this.opened.has(address)) {
      throw new SmtpRefusal(550, `5.1.1 <${recipient}>: no such mailbox`);
    }
    if (isFlakyAddress(address) && this.tryOf(address) <= FLAKY_REFUSALS) {
      throw new SmtpRefusal(451, `4.3.2 <${recipient}>: busy, try again later`);
    }
  }

  private tryOf(address: string): number {
    const tries = (this.tries.get(address) ?? 0) + 1;
    this.tries.set(address, tries);
    return tries;
  }
}
