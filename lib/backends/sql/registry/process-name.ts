import { randomBytes } from 'node:crypto';

/** Characters of a process's name, with which the tokens of its claims begin. */
export const PROCESS_NAME_LENGTH = 12;

export function newProcessName(): string {
  return randomBytes(9).toString('base64url');
}

/** The process of a row of the registry, or of a claim's token. */
export function processOf(id: string): string {
  return id.slice(0, PROCESS_NAME_LENGTH);
}
