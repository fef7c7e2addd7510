import { JobQueueError } from 'nestjs-simple-job-queue';
import { CommandError } from './command.error';

/** Runs a command and sets the exit code; only a fault that nobody foresaw shows a stack. */
export async function command(usage: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (isWrongArgument(error)) {
      process.exitCode = 2;
      console.error(`${error.message}\nUsage: ${usage}`);
    } else {
      process.exitCode = error instanceof CommandError ? error.exitCode : 1;
      console.error(error instanceof CommandError || error instanceof JobQueueError ? error.message : error);
    }
  }
}

/** As `parseArgs` throws it. */
function isWrongArgument(error: unknown): error is TypeError {
  return (
    error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
  );
}
