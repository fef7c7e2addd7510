import { JobQueueError } from 'nestjs-simple-job-queue';
import { CommandError } from './command.error';

/** Runs a command and sets the exit code; only a fault that nobody foresaw shows a stack. */
export async function command(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    console.error(
      error instanceof CommandError || error instanceof JobQueueError || isWrongArgument(error)
        ? error.message
        : error,
    );
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  return isWrongArgument(error) ? 2 : 1;
}

/** As `parseArgs` throws it. */
function isWrongArgument(error: unknown): error is TypeError {
  return (
    error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
  );
}
