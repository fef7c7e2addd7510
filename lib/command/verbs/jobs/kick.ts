import type { Command } from 'commander';
import type { QueueBackend } from '../../../core/contract/backend';
import { feature } from '../../../core/contract/features';
import type { JobId, JobSnapshot } from '../../../core/contract/job-data';
import { count, duration, pipelineName } from '../../argument-readers';
import { CommandFailure, WRONG_USAGE } from '../../failure';
import type { Session } from '../../session';
import { type BurialFilter, buriedJobs } from './buried-jobs';
import { JOB_COLUMNS, jobRow } from './job-table';

const AT_ONCE = 8;

const EXAMPLES = `
Examples:
  $ job-queue kick mail --reason ECONNREFUSED --since 1h --dry-run
  $ job-queue kick mail --reason ECONNREFUSED --since 1h
  $ job-queue kick mail --limit 10 --fresh
  $ job-queue kick --job 17 18`;

interface Options extends BurialFilter {
  readonly job?: readonly JobId[];
  readonly limit?: number;
  readonly dryRun?: true;
  readonly fresh?: true;
}

export function kickVerb(program: Command, session: Session): void {
  program
    .command('kick')
    .description('make buried jobs ready again, the oldest burial first')
    .argument('[pipeline]', 'its buried jobs', pipelineName)
    .option('--job <ids...>', 'instead: these jobs, buried or delayed')
    .option('--reason <text>', 'those whose reason has this text in it')
    .option('--since <duration>', 'those buried no longer ago than that, as 30m or 2h', duration('since'))
    .option('--limit <n>', 'at most so many (default: all)', count('limit', 1))
    .option('--fresh', 'they start from nothing, as if they had just been added')
    .option('--dry-run', 'print the jobs, and leave them as they are')
    .addHelpText('after', EXAMPLES)
    .action(async (pipeline: string | undefined, options: Options) => {
      if ((pipeline === undefined) === (options.job === undefined))
        throw new CommandFailure('Name either a pipeline, or jobs with --job.', WRONG_USAGE);
      await session.withQueue(async (queue) => {
        const kicked =
          pipeline === undefined
            ? await namedJobs(queue, options, session)
            : await pipelineJobs(queue, pipeline, options, session);
        if (kicked !== undefined) session.screen.done(`kicked ${kicked}`, { kicked });
      });
    });
}

async function namedJobs(
  queue: QueueBackend,
  { job: ids = [], dryRun, fresh }: Options,
  { screen }: Session,
): Promise<number | undefined> {
  const found = await Promise.all(ids.map(async (id) => [id, await queue.inspect.find(id)] as const));
  for (const [id, job] of found) {
    if (job?.state !== 'buried' && job?.state !== 'delayed')
      throw new CommandFailure(`Job ${id} is ${job?.state ?? 'not there'}: nothing was kicked.`);
  }
  if (dryRun)
    return shownOnly(
      found.map(([, job]) => job!),
      screen,
    );
  return kickEach(queue, ids, fresh);
}

/** A backend without a list kicks the first ones by itself; then the number of buried ones is the bound, because a kick without any would take delayed ones. */
async function pipelineJobs(
  queue: QueueBackend,
  pipeline: string,
  { reason, since, limit = Infinity, dryRun, fresh }: Options,
  { screen }: Session,
): Promise<number | undefined> {
  if (reason === undefined && since === undefined && !dryRun) {
    const most = Math.min(limit, (await queue.inspect.stats(pipeline)).buried);
    if (most === 0) return 0;
    return fresh ? feature(queue, 'editing').restart(pipeline, most) : queue.admin.kick(pipeline, most);
  }
  const jobs: JobSnapshot[] = [];
  const filter = { ...(reason !== undefined && { reason }), ...(since !== undefined && { since }) };
  for await (const job of buriedJobs(queue, pipeline, filter)) {
    if (jobs.length >= limit) break;
    // Without the payload, of which there may be much.
    jobs.push({ ...job, payload: '' });
  }
  if (dryRun) return shownOnly(jobs, screen);
  return kickEach(
    queue,
    jobs.map(({ id }) => id),
    fresh,
  );
}

function shownOnly(jobs: readonly JobSnapshot[], screen: Session['screen']): undefined {
  if (screen.json) screen.value(jobs.map(({ payload: _, ...job }) => job));
  else
    screen.table(
      JOB_COLUMNS,
      jobs.map((job) => jobRow(job, screen.width)),
    );
  screen.note(`${jobs.length} would be kicked.`);
}

/** By their ids: a job that was kicked or deleted meanwhile does not count. */
async function kickEach(queue: QueueBackend, ids: readonly JobId[], fresh?: true): Promise<number> {
  const kick = fresh
    ? (id: JobId) => feature(queue, 'editing').restartJob(id)
    : (id: JobId) => queue.admin.kickJob(id);
  let kicked = 0;
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const done = await Promise.all(ids.slice(start, start + AT_ONCE).map(kick));
    kicked += done.filter(Boolean).length;
  }
  return kicked;
}
