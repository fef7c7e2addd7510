import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CommandError } from '../command.error';

/**
 * Runs `node dist/main.js` to its end and shows what it says. Throws `CommandError` when it fails, but the reason
 * of `interrupted` when that has aborted meanwhile: Ctrl-C in a terminal reaches both processes.
 */
export async function runMain(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  interrupted: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], { env, stdio: 'inherit' });
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  interrupted.throwIfAborted();
  if (exitCode !== 0) throw new CommandError(`${script} ended with exit code ${exitCode}.`);
}
