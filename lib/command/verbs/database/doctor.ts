import type { Command } from 'commander';
import type { Seconds } from '../../../core/contract/job-data';
import type { Examined } from '../../../core/contract/ports/examination';
import { duration } from '../../argument-readers';
import { CommandFailure } from '../../failure';
import { printable } from '../../print/plain-text';
import type { Session } from '../../session';

const EXAMPLES = `
Examples:
  $ job-queue doctor
  $ job-queue doctor --json | jq -r '.[].findings[].finding'

Exit codes: 0 nothing was found, 1 something was, or the server could not be reached.`;

/** Of one check: where no worker runs, each of a thousand pipelines is a finding. */
const MOST_SHOWN = 10;

export function doctorVerb(program: Command, session: Session): void {
  program
    .command('doctor')
    .description('look for what hurts the queue or will, and say what to do; changes nothing')
    .option(
      '--patience <duration>',
      'how long a transaction may be open, a schedule late, a job without a worker',
      duration('patience'),
      300,
    )
    .addHelpText('after', EXAMPLES)
    .action(async ({ patience }: { readonly patience: Seconds }) => {
      const { backends, screen, tables, url } = session;
      const all: Examined[] = [];
      for await (const examined of backends.examine(url, tables, { patience })) {
        all.push(examined);
        if (!screen.json) screen.write(linesOf(examined, screen));
      }
      if (screen.json) screen.value(all);
      const found = all.reduce((sum, { findings }) => sum + findings.length, 0);
      if (found > 0) throw new CommandFailure(`${found} found`);
    });
}

function linesOf({ about, seen, findings }: Examined, screen: Session['screen']): string {
  const mark = findings.length === 0 ? screen.styled('ok', 'green') : screen.styled('!!', 'red');
  const lines = [`${mark}  ${screen.styled(about.padEnd(18), 'bold')}  ${printable(seen)}`];
  for (const { finding, remedy } of findings.slice(0, MOST_SHOWN))
    lines.push(`    ${printable(finding)}`, `    → ${printable(remedy)}`);
  const more = findings.length - MOST_SHOWN;
  if (more > 0) lines.push(`    ${more} more of this kind; --json has them all.`);
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
