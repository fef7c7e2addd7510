import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EMAILS_CSV } from '../emails/emails-csv';
import { userPath } from './user-path';

const OUT = join(__dirname, '..', '..', 'out');

export interface DemoOptions {
  readonly input: string;
  /** Where each message becomes one file. */
  readonly mailFolder: string;
  /** The demonstration's own folder, made anew by every run: queue file and worker's log. */
  readonly out: string;
  readonly queueUrl: string;
}

/** `--input FILE --out FOLDER`, and JOB_QUEUE_URL for another queue than a file in `out`. */
export function demoOptions(args: string[], env: NodeJS.ProcessEnv): DemoOptions {
  const { values } = parseArgs({ args, options: { input: { type: 'string' }, out: { type: 'string' } } });
  return {
    input: values.input === undefined ? EMAILS_CSV : userPath(values.input, env),
    mailFolder: values.out === undefined ? join(OUT, 'mail') : userPath(values.out, env),
    out: OUT,
    queueUrl: env.JOB_QUEUE_URL || `sqlite:${join(OUT, 'jobs.sqlite')}`,
  };
}
