import { type Command, Option } from 'commander';
import type { RestingState } from '../../../core/contract/job-data';
import { pipelineName, RESTING_STATES } from '../../argument-readers';
import type { Session } from '../../session';

const EXAMPLES = `
Examples:
  $ job-queue clear mail --state buried
  $ job-queue clear mail --state ready --yes`;

interface Options {
  readonly state: RestingState;
}

export function clearVerb(program: Command, session: Session): void {
  program
    .command('clear')
    .description('delete all jobs of a pipeline in one state')
    .argument('<pipeline>', 'its name', pipelineName)
    .addOption(new Option('--state <state>', 'which jobs').choices(RESTING_STATES).makeOptionMandatory())
    .addHelpText('after', EXAMPLES)
    .action((pipeline: string, { state }: Options) =>
      session.withQueue(async (queue) => {
        const { [state]: jobs } = await queue.inspect.stats(pipeline);
        await session.confirm(`Deleting all ${state} jobs of ${pipeline} (${jobs} now)`);
        const cleared = await queue.admin.clear(pipeline, state);
        session.screen.done(`deleted ${cleared}`, { deleted: cleared });
      }),
    );
}
