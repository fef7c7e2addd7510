import type { Command } from 'commander';
import { asReason } from '../../../core/checks/text';
import { feature } from '../../../core/contract/features';
import type { Burial, JobId } from '../../../core/contract/job-data';
import { priority } from '../../argument-readers';
import type { Session } from '../../session';
import { eachJob } from './each-job';

const EXAMPLES = `
Example:
  $ job-queue bury 17 18 --reason 'wait for ticket 4711'`;

export function buryVerb(program: Command, session: Session): void {
  program
    .command('bury')
    .description('set jobs aside that no worker holds, until they are kicked')
    .argument('<ids...>', 'of the jobs')
    .option('--reason <text>', 'why; show and list print it', asReason)
    .option('--priority <n>', 'a new one', priority)
    .addHelpText('after', EXAMPLES)
    .action((ids: readonly JobId[], burial: Burial) =>
      session.withQueue(async (queue) => {
        const editing = feature(queue, 'editing');
        await eachJob(ids, session, 'buried', (id) => editing.bury(id, burial));
      }),
    );
}
