import type { Command } from 'commander';
import { CommandFailure } from '../../failure';
import { jobLines } from '../../print/job-table';
import { printable } from '../../print/plain-text';
import type { Session } from '../../session';

const EXAMPLES = `
Examples:
  $ job-queue show 4711
  $ job-queue show 4711 --json | jq -r .payload`;

export function showVerb(program: Command, session: Session): void {
  program
    .command('show')
    .description('all of one job, with its payload')
    .argument('<id>', 'as addJob returns it, and list prints it')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string) => {
      const { screen } = session;
      const job = await session.withQueue((queue) => queue.inspect.find(id));
      if (!job) throw new CommandFailure(`There is no job ${printable(id)}: it was deleted, or never was.`);
      if (screen.json) return screen.value(job);
      const lines = jobLines(job);
      const width = Math.max(...lines.map(([name]) => name.length));
      for (const [name, value] of lines)
        screen.write(`${screen.styled(`${name}:`.padEnd(width + 2), 'bold')}${printable(value)}\n`);
      if (job.reason !== undefined) screen.write(`\n${printable(job.reason)}\n`);
      screen.write(`\n${job.garbled ? '(bytes that are not UTF-8)' : printable(readable(job.payload))}\n`);
    });
}

function readable(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), undefined, 2);
  } catch {
    return payload;
  }
}
