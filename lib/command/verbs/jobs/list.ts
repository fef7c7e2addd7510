import { type Command, Option } from 'commander';
import type { QueueBackend } from '../../../core/contract/backend';
import { feature, type Page } from '../../../core/contract/features';
import type { JobSnapshot, JobState } from '../../../core/contract/job-data';
import { count, pipelineName, STATES } from '../../argument-readers';
import { JOB_COLUMNS, jobRow } from '../../print/job-table';
import type { Session } from '../../session';

const EXAMPLES = `
Examples:
  $ job-queue list mail
  $ job-queue list mail --state buried --limit 100
  $ job-queue list mail --state buried --json | jq -r '.[].reason'

beanstalkd shows the first ready, delayed and buried job alone.`;

interface Options extends Page {
  readonly state?: JobState;
}

export function listVerb(program: Command, session: Session): void {
  program
    .command('list')
    .description('the jobs of a pipeline, in the order in which they leave their state')
    .argument('<pipeline>', 'its name', pipelineName)
    .addOption(new Option('--state <state>', 'of that state alone').choices(STATES))
    .option('--limit <n>', 'at most so many of each state', count('limit', 1), 20)
    .option('--offset <n>', 'after so many of each state', count('offset', 0), 0)
    .addHelpText('after', EXAMPLES)
    .action(async (pipeline: string, { state, limit, offset }: Options) => {
      const { screen } = session;
      await session.withQueue(async (queue) => {
        const jobs: JobSnapshot[] = [];
        for (const each of state === undefined ? STATES : [state])
          jobs.push(...(await pageOf(queue, pipeline, each, { limit, offset }, state !== undefined)));
        if (screen.json) screen.value(jobs);
        else
          screen.table(
            JOB_COLUMNS,
            jobs.map((job) => jobRow(job, screen.width)),
          );
        if (jobs.length === 0) screen.note('No job is there.');
      });
    });
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
