import type { JobSnapshot } from 'nestjs-simple-job-queue';
import type { ArrivedMail } from './mail-folder';
import type { Match } from './match';
import type { Outcome } from './outcomes';
import { emailOf } from './queue-monitor';

/** A line for every kind of e-mail; times are seconds after `addedAt`. */
export function outcomeTable(outcomes: readonly Outcome[], addedAt: Date): string {
  const header = ['', 'rows', 'delivered', 'not delivered', 'attempts', 'first after', 'last after'];
  const lines = outcomes.map(({ kind, rows, delivered }) => {
    const attempts = delivered.reduce((sum, { attempt }) => sum + attempt, 0);
    const arrivals = arrivalsOf(delivered);
    return [
      kind,
      ...[rows, delivered.length, rows - delivered.length, attempts].map(String),
      ...[arrivals[0], arrivals.at(-1)].map((time) => inSeconds(addedAt.getTime(), time)),
    ];
  });
  return aligned([header, ...lines]);
}

/** How fast those e-mails went that had to wait for nothing: no delay, no second attempt. */
export function rateLine(outcomes: readonly Outcome[]): string {
  const prompt = outcomes.filter(({ kind }) => kind === 'urgent' || kind === 'ordinary');
  const arrivals = arrivalsOf(prompt.flatMap(({ delivered }) => delivered));
  const [first = 0, last = 0] = [arrivals[0], arrivals.at(-1)];
  if (first === last) return 'Too few jobs to tell a rate.';
  const rate = Math.round((1000 * arrivals.length) / (last - first));
  return `${arrivals.length} jobs that were due at once took ${inSeconds(first, last)}: ${rate} jobs/s.`;
}

export function buriedList(count: number, jobs: readonly JobSnapshot[]): string {
  if (count === 0) return 'No job is buried.';
  const lines = jobs.map((job) => `  job ${job.id} to ${emailOf(job).to}: ${reasonOf(job)}`);
  if (jobs.length < count) lines.push(`  and ${count - jobs.length} more`);
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

function reasonOf({ reason }: JobSnapshot): string {
  return reason?.split('\n', 1)[0] ?? '(this queue keeps no reasons)';
}

/** In milliseconds since 1970, the earliest in front. */
function arrivalsOf(mails: readonly ArrivedMail[]): number[] {
  return mails.map(({ arrivedAt }) => arrivedAt.getTime()).sort((a, b) => a - b);
}

function inSeconds(from: number, to: number | undefined): string {
  return to === undefined ? '–' : `${((to - from) / 1000).toFixed(2)} s`;
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widthOf(0)) : cell.padStart(widthOf(column))))
      .join('  '),
  );
  return lines.join('\n');
}
