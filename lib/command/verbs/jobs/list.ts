import { type Command, Option } from 'commander';
import type { QueueBackend } from '../../../core/contract/backend';
import { feature, type Page } from '../../../core/contract/features';
import type { JobSnapshot, JobState } from '../../../core/contract/job-data';
import { END_STATES, type EndState } from '../../../core/contract/ports/history';
import { count, pipelineName, STATES } from '../../argument-readers';
import type { Cell, Column } from '../../print/screen';
import type { Session } from '../../session';
import { ENDED_COLUMNS, endedRow, JOB_COLUMNS, jobRow } from './job-table';

const EXAMPLES = `
Examples:
  $ job-queue list mail
  $ job-queue list mail --state buried --limit 100
  $ job-queue list mail --state buried --json | jq -r '.[].reason'
  $ job-queue list mail --state completed

Jobs that have ended, completed and cancelled, are there as long as the pipeline keeps them (the option keep); the
last end comes first. beanstalkd shows the first ready, delayed and buried job alone.`;

interface Options extends Page {
  readonly state?: JobState | EndState;
}

export function listVerb(program: Command, session: Session): void {
  const { screen } = session;
  const print = <Job>(jobs: readonly Job[], columns: readonly Column[], row: RowOf<Job>) => {
    if (screen.json) screen.value(jobs);
    else
      screen.table(
        columns,
        jobs.map((job) => row(job, screen.width)),
      );
    if (jobs.length === 0) screen.note('No job is there.');
  };
  program
    .command('list')
    .description('the jobs of a pipeline, in the order in which they leave their state')
    .argument('<pipeline>', 'its name', pipelineName)
    .addOption(new Option('--state <state>', 'of that state alone').choices([...STATES, ...END_STATES]))
    .option('--limit <n>', 'at most so many of each state', count('limit', 1), 20)
    .option('--offset <n>', 'after so many of each state', count('offset', 0), 0)
    .addHelpText('after', EXAMPLES)
    .action((pipeline: string, { state, ...page }: Options) =>
      session.withQueue(async (queue) => {
        if (isEnd(state)) {
          const jobs = await feature(queue, 'history').list(pipeline, { state, ...page });
          print(jobs, ENDED_COLUMNS, endedRow);
        } else print(await jobsOf(queue, pipeline, state, page), JOB_COLUMNS, jobRow);
      }),
    );
}

type RowOf<Job> = (job: Job, width: number) => readonly Cell[];

function isEnd(state: JobState | EndState | undefined): state is EndState {
  return END_STATES.some((each) => each === state);
}

/** Without a state, of each. */
async function jobsOf(
  queue: QueueBackend,
  pipeline: string,
  state: JobState | undefined,
  page: Page,
): Promise<JobSnapshot[]> {
  const jobs: JobSnapshot[] = [];
  for (const each of state === undefined ? STATES : [state])
    jobs.push(...(await pageOf(queue, pipeline, each, page, state !== undefined)));
  return jobs;
}

/** Of a backend that cannot list, the first job; the error only where such a job was asked for by name. */
async function pageOf(
  queue: QueueBackend,
  pipeline: string,
  state: JobState,
  page: Page,
  named: boolean,
): Promise<JobSnapshot[]> {
  if (queue.features.listing) return queue.features.listing.list(pipeline, state, page);
  if (page.offset > 0 || state === 'reserved')
    return named ? feature(queue, 'listing').list(pipeline, state, page) : [];
  const first = await queue.inspect.peek(pipeline, state);
  return first ? [first] : [];
}
