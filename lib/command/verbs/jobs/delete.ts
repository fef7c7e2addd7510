import type { Command } from 'commander';
import type { JobId } from '../../../core/contract/job-data';
import type { Session } from '../../session';
import { eachJob } from './each-job';

const EXAMPLES = `
Example:
  $ job-queue delete 17 18`;

export function deleteVerb(program: Command, session: Session): void {
  program
    .command('delete')
    .description('delete jobs that no worker holds')
    .argument('<ids...>', 'of the jobs')
    .addHelpText('after', EXAMPLES)
    .action(async (ids: readonly JobId[]) => {
      await session.confirm(ids.length === 1 ? 'Deleting this job' : `Deleting these ${ids.length} jobs`);
      await session.withQueue((queue) => eachJob(ids, session, 'deleted', (id) => queue.admin.discard(id)));
    });
}
