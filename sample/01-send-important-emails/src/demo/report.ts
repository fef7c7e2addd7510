import type { FoundJob } from 'nestjs-simple-job-queue';
import type { Email } from '../emails/email';
import { aligned } from './aligned';
import { arrivalTimes } from './mail-folder';
import type { Match } from './match';
import type { Outcome } from './outcomes';
import type { Rate } from './rate';

/** A line for every kind of e-mail; times are seconds after `addedAt`. */
export function outcomeTable(outcomes: readonly Outcome[], addedAt: Date): string {
  const header = ['', 'rows', 'delivered', 'not delivered', 'attempts', 'first after', 'last after'];
  const lines = outcomes.map(({ kind, rows, delivered }) => {
    const attempts = delivered.reduce((sum, { attempt }) => sum + attempt, 0);
    const arrivals = arrivalTimes(delivered);
    return [
      kind,
      ...[rows, delivered.length, rows - delivered.length, attempts].map(String),
      ...[arrivals[0], arrivals.at(-1)].map((time) => inSeconds(addedAt.getTime(), time)),
    ];
  });
  return aligned([header, ...lines]);
}

export function rateLine(rate: Rate | undefined): string {
  if (!rate) return 'Too few jobs to tell a rate.';
  const { jobs, seconds, jobsPerSecond } = rate;
  return `${jobs} jobs that were due at once took ${seconds.toFixed(2)} s: ${jobsPerSecond} jobs/s.`;
}

export function buriedList(count: number, jobs: readonly FoundJob<Email>[]): string {
  if (count === 0) return 'No job is buried.';
  const lines = jobs.map((job) => `  job ${job.id} to ${job.payload?.to ?? 'somebody'}: ${reasonOf(job)}`);
  // Asked for many, a queue that cannot list jobs answers one.
  const only = jobs.length === 1 ? ' (this queue shows only the first)' : '';
  if (jobs.length < count) lines.push(`  and ${count - jobs.length} more${only}`);
  return [`Buried: ${count}`, ...lines].join('\n');
}

/** What is wrong in the mail folder, mail by mail; '' when it holds exactly what it should. */
export function differences({ missing, surplus }: Match): string {
  return [
    ...missing.map(({ to, subject }) => `missing: to ${to}, "${subject}"`),
    ...surplus.map(
      ({ file, jobId, email }) => `too much: ${file}, job ${jobId}, to ${email.to}, "${email.subject}"`,
    ),
  ].join('\n');
}

function reasonOf({ reason }: FoundJob): string {
  return reason?.split('\n', 1)[0] ?? '(this queue keeps no reasons)';
}

function inSeconds(from: number, to: number | undefined): string {
  return to === undefined ? '–' : `${((to - from) / 1000).toFixed(2)} s`;
}
