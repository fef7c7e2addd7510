import { CommanderError } from 'commander';
import type { Backends } from './backends';
import { DONE, exitCodeOf, FAILED, WRONG_USAGE } from './failure';
import { withoutCredentials } from './print/plain-text';
import { Screen } from './print/screen';
import { addVerbs, newProgram } from './program';
import { type GlobalOptions, Session } from './session';

/** Runs one command line. Answers the exit code, when everything is written and closed. */
export async function run(args: readonly string[], backends: Backends): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  endWithReader(stdout);
  const screen = new Screen(stdout, stderr, env);
  const program = newProgram();
  const session = new Session(backends, screen, () => program.opts<GlobalOptions>(), env, stdin);
  addVerbs(program, session).hook('preAction', () => {
    screen.json = program.opts<GlobalOptions>().json === true;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return DONE;
  } catch (error) {
    // It has written what was wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
    const code = exitCodeOf(error);
    if (code === undefined) throw error;
    screen.note(withoutCredentials(`error: ${(error as Error).message}`));
    return code;
  }
}

/** `job-queue list mail | head -1`: nobody reads any more. */
function endWithReader(output: NodeJS.WriteStream): void {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(FAILED);
  });
}
