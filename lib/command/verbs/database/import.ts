import { type Command, InvalidArgumentError } from 'commander';
import type { ImportTally } from '../../../core/contract/ports/import';
import { DEFAULT_TTR } from '../../../core/policy/job-options';
import { pipelineName } from '../../argument-readers';
import { CommandFailure } from '../../failure';
import { cell } from '../../print/plain-text';
import type { Cell, Column } from '../../print/screen';
import type { Session } from '../../session';

const EXAMPLES = `
Examples:
  $ job-queue import --dry-run
  $ job-queue import --from mysql://app:secret@db.example.com/old --from-table job_queue_jobs
  $ job-queue import --while-workers-run
  $ job-queue import --rename 'my mails=mails'

The old table is only read, and no job is taken over twice, however often this runs. docs/from-simple-job-queue.md
has the steps.`;

const COLUMNS: readonly Column[] = [
  { title: 'OLD PIPELINE' },
  { title: 'READY', number: true },
  { title: 'DELAYED', number: true },
  { title: 'BURIED', number: true },
  { title: 'KNOWN', number: true },
  { title: 'LEFT', number: true },
  { title: 'REFUSED', number: true },
];

interface Options {
  readonly from?: string;
  readonly fromTable: string;
  readonly fromSchema?: string;
  readonly rename: ReadonlyMap<string, string>;
  readonly dryRun?: true;
  readonly whileWorkersRun?: true;
}

export function importVerb(program: Command, session: Session): void {
  program
    .command('import')
    .description('take over the jobs of the PHP library simple-job-queue')
    .option('--from <url>', 'the database with the old table (default: that of --url)')
    .option('--from-table <name>', 'the old table', 'job_queue_jobs')
    .option('--from-schema <name>', 'its schema, PostgreSQL only')
    .option('--rename <old=new>', 'another name for a pipeline; may be repeated', renaming, new Map())
    .option('--while-workers-run', 'PHP workers go on: take over only buried jobs, which they leave alone')
    .option('--dry-run', 'print what would be done, and do nothing')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      const { backends, screen, tables, url } = session;
      const { from = url, fromTable: table, fromSchema: schema, rename: renamed } = options;
      const tallies = await backends.import(url, tables, {
        ...{ from, table, renamed, ...(schema !== undefined && { schema }) },
        ...{ dryRun: options.dryRun === true, whileWorkersRun: options.whileWorkersRun === true },
      });
      if (screen.json) screen.value(tallies);
      else screen.table(COLUMNS, tallies.map(rowOf));
      for (const { pipeline, notJson, otherTtr } of tallies) {
        if (notJson > 0)
          screen.note(
            `${cell(pipeline)}: ${notJson} payloads are not JSON, give the queue a codec that reads them.`,
          );
        if (otherTtr > 0)
          screen.note(
            `${cell(pipeline)}: ${otherTtr}, the time to retry is out of range: the ttr is ${DEFAULT_TTR} s.`,
          );
      }
      if (options.dryRun) screen.note('Nothing was done.');
      refuse(tallies);
    });
}

function refuse(tallies: readonly ImportTally[]): void {
  const refused = tallies.filter(({ refused }) => refused > 0);
  if (refused.length === 0) return;
  const lines = refused.map(({ pipeline, refused, because }) => `${cell(pipeline)}: ${refused}, ${because}`);
  throw new CommandFailure(`Some were not taken over:\n${lines.join('\n')}`);
}

function rowOf({ pipeline, ready, delayed, buried, known, left, refused }: ImportTally): readonly Cell[] {
  const numbers = [ready, delayed, buried, known, left].map((number) => ({ text: String(number) }));
  return [
    { text: cell(pipeline) },
    ...numbers,
    { text: String(refused), ...(refused > 0 && { style: 'red' as const }) },
  ];
}

function renaming(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const at = text.lastIndexOf('=');
  if (at <= 0) throw new InvalidArgumentError('write it as old=new');
  return new Map([...before, [text.slice(0, at), pipelineName(text.slice(at + 1))]]);
}
