import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folder of an installed program, or undefined. Looks in /usr/sbin too, which is not on every user's PATH. */
export function folderOf(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, '/usr/sbin'].find((folder) => existsSync(join(folder, program)));
}

export function isInstalled(program: string): boolean {
  return folderOf(program) !== undefined;
}
