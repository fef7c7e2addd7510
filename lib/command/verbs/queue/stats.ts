import type { Command } from 'commander';
import { duration, pipelineNames } from '../../argument-readers';
import type { Session } from '../../session';
import { figuresOf, figuresValue } from './pipeline-figures';
import { statsColumns, statsRow } from './stats-table';
import { StatsWatch } from './stats-watch';

const EXAMPLES = `
Examples:
  $ job-queue stats
  $ job-queue stats mail invoices --watch --interval 5s
  $ job-queue stats --json | jq '.[] | select(.buried > 0)'

WAITING/s is what came minus what was taken, of jobs that are ready or delayed.`;

interface Options {
  readonly watch?: true;
  readonly interval: number;
}

export function statsVerb(program: Command, session: Session): void {
  program
    .command('stats')
    .description('how many jobs each pipeline has, by state')
    .argument('[pipelines...]', 'only these; a pipeline without jobs, too', pipelineNames)
    .option('--watch', 'renew the table until Ctrl-C, with rates per second')
    .option(
      '--interval <duration>',
      'time between two looks, as 2, 500ms or 1m',
      duration('interval', 0.1),
      2,
    )
    .addHelpText('after', EXAMPLES)
    .action(async (names: readonly string[], { watch, interval }: Options) => {
      const { screen } = session;
      await session.withQueue(async (queue) => {
        if (watch) return new StatsWatch(queue, screen, names, interval).untilEnded();
        const figures = await figuresOf(queue, names);
        if (screen.json) screen.value(figures.map(figuresValue));
        else
          screen.table(
            statsColumns(false),
            figures.map((each) => statsRow(each, false)),
          );
        if (figures.length === 0) screen.note('No pipeline has jobs.');
      });
    });
}
