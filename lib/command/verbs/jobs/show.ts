import type { Command } from 'commander';
import { CommandFailure } from '../../failure';
import { printable } from '../../print/plain-text';
import type { Session } from '../../session';
import { JobPage } from './job-page';
import { seenJob } from './seen-job';

const EXAMPLES = `
Examples:
  $ job-queue show 4711
  $ job-queue show 4711 --json | jq -r .payload
  $ job-queue show 4711 --json | jq -r '.failures[-1].error, .log[].text'

A job that has ended is there as long as its pipeline keeps it (the option keep).`;

export function showVerb(program: Command, session: Session): void {
  program
    .command('show')
    .description('all of one job, with its payload, failures, progress and log; one that has ended, too')
    .argument('<id>', 'as addJob returns it, and list prints it')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string) => {
      const { screen } = session;
      const seen = await session.withQueue((queue) => seenJob(queue, id));
      if (!seen)
        throw new CommandFailure(
          `There is no job ${printable(id)}: it is done and not kept, was deleted, or never was.`,
        );
      const { job, unread, ...said } = seen;
      if (screen.json) screen.value({ ...job, ...said });
      else new JobPage(screen).show(seen);
      if (unread !== undefined) screen.note(`Its progress and its log could not be read: ${unread}`);
    });
}
