import { text as textOf } from 'node:stream/consumers';
import type { Command } from 'commander';
import { feature } from '../../../core/contract/features';
import type { Seconds } from '../../../core/contract/job-data';
import { newJob } from '../../../core/policy/job-options';
import { count, duration, pipelineName, priority } from '../../argument-readers';
import { CommandFailure, WRONG_USAGE } from '../../failure';
import type { Session } from '../../session';

const EXAMPLES = `
Examples:
  $ job-queue add mail '{"to":"ada@example.org"}' --delay 10m
  $ job-queue add import - < rows.json
  $ job-queue add report null --unique nightly

The application's schema of a pipeline is not known here: its worker buries what it cannot take.`;

interface Options {
  readonly delay?: Seconds;
  readonly priority?: number;
  readonly ttr?: Seconds;
  readonly attempts?: number;
  readonly backoff?: Seconds;
  readonly unique?: string;
  readonly raw?: true;
}

export function addVerb(program: Command, session: Session): void {
  program
    .command('add')
    .description('add a job, and print its id')
    .argument('<pipeline>', 'its name', pipelineName)
    .argument('<payload>', 'JSON; - reads it from the standard input')
    .option('--delay <duration>', 'until it is ready, as 90, 10m or 2h', duration('delay'))
    .option('--priority <n>', '0 is the most urgent (default: 1024)', priority)
    .option(
      '--ttr <duration>',
      'how long it may run without a sign of life (default: 60)',
      duration('ttr', 1),
    )
    .option('--attempts <n>', "instead of its handler's", count('attempts', 1))
    .option('--backoff <duration>', 'between its attempts', duration('backoff'))
    .option('--unique <key>', 'none is added while one with this key is there')
    .option('--raw', 'the payload is no JSON: store it as it is')
    .addHelpText('after', EXAMPLES)
    .action(async (pipeline: string, given: string, { raw, ...options }: Options) => {
      const payload = given === '-' ? await textOf(session.input) : given;
      if (!raw && !isJson(payload))
        throw new CommandFailure(
          `The payload is not JSON: quote it for the shell, as '{"to":"ada@example.org"}' or '"text"', or store it as it is with --raw.`,
          WRONG_USAGE,
        );
      const job = newJob(raw ? payload : payload.trim(), options);
      const put = await session.withQueue(async (queue) => {
        if (job.unique) feature(queue, 'uniqueKeys');
        return (await queue.put(pipeline, [job]))[0];
      });
      const { id, existed } = put!;
      if (existed) session.screen.note(`A job with this key is there already.`);
      session.screen.done(id, { id, added: !existed });
    });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
