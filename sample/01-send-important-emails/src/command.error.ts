/** Ends a command; its message is all that the user needs to see. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: number = 1;
}
