import type { EmailOrder } from '../emails/email-order';
import { isFlakyAddress, isRefusedAddress } from './mailboxes';

export const KINDS = ['urgent', 'ordinary', 'delayed', 'flaky', 'refused'] as const;
export type Kind = (typeof KINDS)[number];

const DEFAULT_PRIORITY = 1024;

/** What decides most about the fate of an e-mail. */
export function kindOf({ email, options }: EmailOrder): Kind {
  if (isRefusedAddress(email.to)) return 'refused';
  if (isFlakyAddress(email.to)) return 'flaky';
  if ((options.delay ?? 0) > 0) return 'delayed';
  return (options.priority ?? DEFAULT_PRIORITY) < DEFAULT_PRIORITY ? 'urgent' : 'ordinary';
}
