import type { JobSnapshot, JobState } from '../../core/contract/job-data';
import { ageOf, spanOf } from './moments';
import { cell } from './plain-text';
import type { Cell, Column, Style } from './screen';

const COLOURS: Readonly<Record<JobState, Style>> = {
  ready: 'cyan',
  delayed: 'yellow',
  reserved: 'green',
  buried: 'red',
};

export const JOB_COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATE' },
  { title: 'PRIORITY', number: true },
  { title: 'AGE', number: true },
  { title: 'ATTEMPTS', number: true },
  { title: 'LOST', number: true },
  { title: 'KICKS', number: true },
  { title: 'IN', number: true },
  { title: 'REASON' },
];

export function jobRow(job: JobSnapshot, width: number): readonly Cell[] {
  const { id, state, priority, addedAt, attempts, timeouts, kicks, delay, reason = '' } = job;
  return [
    { text: id },
    { text: state, style: COLOURS[state] },
    { text: String(priority) },
    { text: ageOf(addedAt) },
    { text: String(attempts) },
    { text: String(timeouts) },
    { text: String(kicks) },
    { text: delay > 0 ? spanOf(delay) : '' },
    { text: cell(reason, Math.max(20, width - 70)) },
  ];
}

/** All of a job, line by line. */
export function jobLines(job: JobSnapshot): readonly (readonly [name: string, value: string])[] {
  const { id, pipeline, state, priority, ttr, attempts, timeouts, kicks, delay, addedAt, buriedAt } = job;
  return [
    ['id', id],
    ['pipeline', pipeline],
    ['state', state],
    ...(delay > 0 ? [[state === 'reserved' ? 'lease ends in' : 'ready in', spanOf(delay)] as const] : []),
    ['priority', String(priority)],
    ['ttr', spanOf(ttr)],
    ['attempts', String(attempts)],
    ['lost reservations', String(timeouts)],
    ['kicks', String(kicks)],
    ...moment('added', addedAt),
    ...moment('buried', buriedAt),
    ...(job.unique === undefined ? [] : [['unique key', job.unique] as const]),
    ...(job.retry === undefined ? [] : [['retry', job.retry] as const]),
    ...(job.headers === undefined ? [] : [['headers', job.headers] as const]),
  ];
}

function moment(name: string, at: Date | undefined): readonly (readonly [string, string])[] {
  return at === undefined ? [] : [[name, `${at.toISOString()} (${ageOf(at)} ago)`]];
}
