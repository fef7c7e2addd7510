import { execFileSync } from 'node:child_process';

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Who runs a server that refuses root: that system user when we are root, else nobody but ourselves (undefined). */
export function insteadOfRoot(name: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: '-u' | '-g') => Number(execFileSync('id', [option, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
