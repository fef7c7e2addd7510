/** The mail server said no for good (5xx): sending the same mail again cannot help. */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError';
}
