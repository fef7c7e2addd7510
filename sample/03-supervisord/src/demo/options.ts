import { parseArgs } from 'node:util';
import { DemoError } from './demo.error';

export const USAGE = 'npm run sample:supervisord -- [--seconds N]';

interface DemoOptions {
  readonly help: boolean;
  /** For how long workers are killed. */
  readonly seconds: number;
}

/** Throws `DemoError` for what it does not know. */
export function demoOptions(args: string[]): DemoOptions {
  const { help, seconds } = parsed(args);
  if (!(Number(seconds) > 0)) throw new DemoError(`--seconds ${seconds} is no time. Usage: ${USAGE}`);
  return { help, seconds: Number(seconds) };
}

function parsed(args: string[]): { help: boolean; seconds: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '60' },
      },
    });
    return values;
  } catch (error) {
    throw new DemoError(`${(error as Error).message}. Usage: ${USAGE}`);
  }
}
