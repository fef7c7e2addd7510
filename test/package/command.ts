import { execFile } from 'node:child_process';

const SECONDS_TO_RUN = 180;

export interface Surroundings {
  readonly cwd: string;
  /** Beside those of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Default 180. */
  readonly seconds?: number;
}

/** Runs a program and answers what it printed. When it fails, the error has all of that in its message. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, environment, seconds = SECONDS_TO_RUN }: Surroundings,
): Promise<string> {
  const options = {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...environment },
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, output, errors) => {
      if (error === null) resolve(output);
      else
        reject(
          new Error(`${[program, ...args].join(' ')} failed in ${cwd}:\n${output}${errors}`, {
            cause: error,
          }),
        );
    });
  });
}
