import type { JobSnapshot, JobState } from '../../../core/contract/job-data';
import type { EndedJob, EndState } from '../../../core/contract/ports/history';
import { ageOf, spanBetween, spanOf } from '../../print/moments';
import { cell } from '../../print/plain-text';
import type { Cell, Column, Style } from '../../print/screen';

const COLOURS: Readonly<Record<JobState | EndState, Style>> = {
  ready: 'cyan',
  delayed: 'yellow',
  reserved: 'green',
  buried: 'red',
  completed: 'green',
  cancelled: 'yellow',
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

export const ENDED_COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATE' },
  { title: 'ENDED', number: true },
  { title: 'RAN', number: true },
  { title: 'ATTEMPTS', number: true },
  { title: 'WORKER' },
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

export function endedRow(job: EndedJob, width: number): readonly Cell[] {
  const { id, state, startedAt, endedAt, attempts, worker = '', error = '' } = job;
  return [
    { text: id },
    { text: state, style: COLOURS[state] },
    { text: `${ageOf(endedAt)} ago` },
    { text: spanBetween(startedAt, endedAt) },
    { text: String(attempts) },
    { text: cell(worker) },
    { text: cell(error, Math.max(20, width - 70)) },
  ];
}
