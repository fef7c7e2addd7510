/** Ends the demonstration; its message is all that the user needs to see. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
