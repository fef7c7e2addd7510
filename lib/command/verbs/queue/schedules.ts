import type { Command } from 'commander';
import type { QueueBackend } from '../../../core/contract/backend';
import { feature } from '../../../core/contract/features';
import type { Schedules, ScheduleSnapshot } from '../../../core/contract/ports/schedules';
import { scheduleName } from '../../argument-readers';
import { CommandFailure } from '../../failure';
import { spanOf } from '../../print/moments';
import { cell } from '../../print/plain-text';
import type { Cell, Column } from '../../print/screen';
import type { Session } from '../../session';

const PAGE_SIZE = 500;

const EXAMPLES = `
Examples:
  $ job-queue schedules list
  $ job-queue schedules run nightly-report
  $ job-queue schedules pause nightly-report

A schedule that stands at a handler comes back while a worker has it: pause it, or take it out of the code.`;

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'PIPELINE' },
  { title: 'RULE' },
  { title: 'TIME ZONE' },
  { title: 'FROM' },
  { title: 'LAST' },
  { title: 'NEXT' },
];

export function schedulesVerb(program: Command, session: Session): void {
  const { screen } = session;
  const schedules = program
    .command('schedules')
    .description('the schedules of the queue: list, run, pause, resume, remove')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  const withSchedules = (work: (schedules: Schedules) => Promise<void>) =>
    session.withQueue((queue: QueueBackend) => work(feature(queue, 'schedules')));

  schedules
    .command('list')
    .description('all of them, with their last and next runs')
    .action(() =>
      withSchedules(async (port) => {
        const all = await allOf(port);
        if (screen.json) screen.value(all);
        else screen.table(COLUMNS, all.map(rowOf));
        if (all.length === 0) screen.note('There is no schedule.');
      }),
    );
  schedules
    .command('run')
    .description('add a job of it now, and print its id; the next run stays')
    .argument('<name>', 'of the schedule', scheduleName)
    .action((name: string) =>
      withSchedules(async (port) => {
        const put = await port.run(name);
        if (!put) throw missing(name);
        screen.done(put.id, { id: put.id, added: !put.existed });
      }),
    );
  const change = (verb: 'pause' | 'resume' | 'remove', description: string, done: string) =>
    schedules
      .command(verb)
      .description(description)
      .argument('<name>', 'of the schedule', scheduleName)
      .action(async (name: string) => {
        if (verb === 'remove') await session.confirm(`Removing the schedule ${name}`);
        await withSchedules(async (port) => {
          if (!(await port[verb](name))) throw missing(name);
          screen.done(`${name} ${done}`, { name, [verb]: true });
        });
      });
  change('pause', 'add no jobs until it is resumed', 'is paused');
  change('resume', 'go on with the next run from now', 'goes on');
  change('remove', 'remove it; jobs that it has added stay', 'is removed');
}

async function allOf(port: Schedules): Promise<ScheduleSnapshot[]> {
  const all: ScheduleSnapshot[] = [];
  for (;;) {
    const page = await port.list({ offset: all.length, limit: PAGE_SIZE });
    all.push(...page);
    if (page.length < PAGE_SIZE) return all;
  }
}

function rowOf({
  name,
  pipeline,
  cron,
  every,
  timeZone,
  source,
  paused,
  last,
  next,
}: ScheduleSnapshot): Cell[] {
  const upcoming: Cell = paused ? { text: 'paused', style: 'yellow' } : { text: moment(next) };
  return [
    { text: cell(name) },
    { text: pipeline },
    { text: cron ?? `every ${spanOf(every ?? 0)}` },
    { text: timeZone },
    { text: source === 'code' ? 'handler' : 'application' },
    { text: moment(last) },
    upcoming,
  ];
}

function moment(at: Date | undefined): string {
  return at === undefined ? '' : at.toISOString();
}

function missing(name: string): CommandFailure {
  return new CommandFailure(`There is no schedule ${name}: job-queue schedules list has the names.`);
}
