import type { Command } from 'commander';
import type { Seconds } from '../../../core/contract/job-data';
import { duration, pipelineName } from '../../argument-readers';
import { spanOf } from '../../print/moments';
import type { Session } from '../../session';

const EXAMPLES = `
Examples:
  $ job-queue pause mail --for 30m
  $ job-queue resume mail`;

/** `pause`, and `resume`, which ends it. */
export function pauseVerbs(program: Command, session: Session): void {
  program
    .command('pause')
    .description('give no jobs of a pipeline to any worker; running ones go on')
    .argument('<pipeline>', 'its name', pipelineName)
    .option('--for <duration>', 'as 90 or 30m (default: until it is resumed)', duration('for'))
    .addHelpText('after', EXAMPLES)
    .action(async (pipeline: string, { for: seconds = Infinity }: { readonly for?: Seconds }) => {
      await session.withQueue((queue) => queue.admin.pause(pipeline, seconds));
      const span = seconds === Infinity ? 'until resumed' : spanOf(seconds);
      session.screen.done(`${pipeline} is paused: ${span}`, {
        pipeline,
        pausedFor: seconds === Infinity ? span : seconds,
      });
    });
  program
    .command('resume')
    .description('end a pause')
    .argument('<pipeline>', 'its name', pipelineName)
    .addHelpText('after', EXAMPLES)
    .action(async (pipeline: string) => {
      await session.withQueue((queue) => queue.admin.resume(pipeline));
      session.screen.done(`${pipeline} goes on`, { pipeline, pausedFor: 0 });
    });
}
