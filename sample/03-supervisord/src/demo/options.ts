import { parseArgs } from 'node:util';
import { DemoError } from './demo.error';

const USAGE = 'npm run sample:supervisord -- [--seconds N]';

/** `--seconds N`: for how long workers are killed. */
export function demoSeconds(args: string[]): number {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '60' } } });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new DemoError(`--seconds ${values.seconds} is no time. Usage: ${USAGE}`);
  return seconds;
}
