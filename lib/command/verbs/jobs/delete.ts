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
    .description('delete jobs that no worker holds, kept ones too')
    .argument('<ids...>', 'of the jobs')
    .addHelpText('after', EXAMPLES)
    .action(async (ids: readonly JobId[]) => {
      await session.confirm(ids.length === 1 ? 'Deleting this job' : `Deleting these ${ids.length} jobs`);
      await session.withQueue(async (queue) => {
        const { history } = queue.features;
        await eachJob(
          ids,
          session,
          'deleted',
          async (id) => (await queue.admin.discard(id)) || (await history?.remove(id)) === true,
        );
      });
    });
}
