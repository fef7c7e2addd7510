import { execFile } from 'node:child_process';

const MILLISECONDS_TO_RUN = 180_000;

export interface Surroundings {
  readonly cwd: string;
  /** Beside those of this process. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs a program and answers what it printed. When it fails, the error has all of that in its message. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, environment }: Surroundings,
): Promise<string> {
  const options = {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...environment },
    timeout: MILLISECONDS_TO_RUN,
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
