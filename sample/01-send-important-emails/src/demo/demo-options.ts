import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EMAILS_CSV } from '../emails/emails-csv';

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
  // npm runs a script in the package's folder; paths are meant from where the user stands.
  const from = env.INIT_CWD ?? '.';
  return {
    input: values.input === undefined ? EMAILS_CSV : resolve(from, values.input),
    mailFolder: values.out === undefined ? join(OUT, 'mail') : resolve(from, values.out),
    out: OUT,
    queueUrl: env.JOB_QUEUE_URL || `sqlite:${join(OUT, 'jobs.sqlite')}`,
  };
}
