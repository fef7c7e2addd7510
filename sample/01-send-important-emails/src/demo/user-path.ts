import { resolve } from 'node:path';

/** npm runs a script in the package's folder; paths are meant from where the user stands. */
export function userPath(path: string, env: NodeJS.ProcessEnv): string {
  return resolve(env.INIT_CWD ?? '.', path);
}
