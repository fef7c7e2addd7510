import type { Command } from 'commander';
import { asReason } from '../../../core/checks/text';
import { feature } from '../../../core/contract/features';
import type { JobId } from '../../../core/contract/job-data';
import type { Session } from '../../session';
import { eachJob } from './each-job';

const EXAMPLES = `
Example:
  $ job-queue cancel 17 --reason 'the customer has left'

The handler of a running job sees its signal abort within a second.`;

export function cancelVerb(program: Command, session: Session): void {
  program
    .command('cancel')
    .description('call jobs off, running ones, too')
    .argument('<ids...>', 'of the jobs')
    .option('--reason <text>', 'why; their handlers are told', asReason)
    .addHelpText('after', EXAMPLES)
    .action(async (ids: readonly JobId[], { reason }: { readonly reason?: string }) => {
      await session.confirm(ids.length === 1 ? 'Cancelling this job' : `Cancelling these ${ids.length} jobs`);
      await session.withQueue(async (queue) => {
        const cancelling = feature(queue, 'cancelling');
        await eachJob(ids, session, 'cancelled', (id) => cancelling.cancel(id, reason));
      });
    });
}
