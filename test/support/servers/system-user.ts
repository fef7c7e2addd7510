import { execFileSync, spawnSync } from 'node:child_process';

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who runs a server that refuses root: when we are root that system user, or `nobody` where it does not exist; else
 * nobody but ourselves (undefined).
 */
export function insteadOfRoot(name: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = spawnSync('id', [name]).status === 0 ? name : 'nobody';
  const id = (option: '-u' | '-g') => Number(execFileSync('id', [option, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
