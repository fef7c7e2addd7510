import { CommandError } from './command.error';

/** What the user gave cannot be used: the message says what, where and why. */
export class InputError extends CommandError {
  override readonly name = 'InputError';
  override readonly exitCode = 2;
}
