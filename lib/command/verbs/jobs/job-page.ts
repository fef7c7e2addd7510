import type { FailedAttempt } from '../../../core/contract/failed-attempt';
import type { JobSnapshot } from '../../../core/contract/job-data';
import type { EndedJob } from '../../../core/contract/ports/history';
import type { LogLine, Progress } from '../../../core/contract/ports/journal';
import { ageOf, spanBetween, spanOf } from '../../print/moments';
import { cell, printable } from '../../print/plain-text';
import type { Cell, Column, Screen } from '../../print/screen';
import { hasEnded, type SeenJob } from './seen-job';

type Line = readonly [name: string, value: string];

const LONGEST_PROGRESS = 200;
const FAILURE_COLUMNS: readonly Column[] = [
  { title: 'ATTEMPT', number: true },
  { title: 'ENDED' },
  { title: 'RAN', number: true },
  { title: 'ERROR' },
];

/** All of a job on one page; what it said last stands at the end, where a terminal stops. */
export class JobPage {
  constructor(private readonly screen: Screen) {}

  show({ job, progress, log }: SeenJob): void {
    const lines = [...(hasEnded(job) ? endedLines(job) : jobLines(job)), ...progressLine(progress)];
    const width = Math.max(...lines.map(([name]) => name.length));
    for (const [name, value] of lines) this.line(`${name}:`.padEnd(width + 2), value);
    const { failures = [] } = job;
    if (failures.length > 0) {
      this.title('failed attempts');
      this.screen.table(FAILURE_COLUMNS, failures.map(failureRow));
    }
    for (const [title, text] of texts(job)) {
      this.title(title);
      this.screen.write(`${printable(text)}\n`);
    }
    if (log.length > 0) {
      this.title('log');
      for (const line of log) this.screen.write(`${printable(logLine(line))}\n`);
    }
  }

  private line(name: string, value: string): void {
    this.screen.write(`${this.screen.styled(name, 'bold')}${printable(value)}\n`);
  }

  private title(title: string): void {
    this.screen.write(`\n${this.screen.styled(`${title}:`, 'bold')}\n`);
  }
}

function jobLines(job: JobSnapshot): readonly Line[] {
  const { state, priority, ttr, attempts, timeouts, kicks, delay, addedAt, buriedAt } = job;
  return [
    ...firstLines(job),
    ...(delay > 0 ? [[state === 'reserved' ? 'lease ends in' : 'ready in', spanOf(delay)] as const] : []),
    ['priority', String(priority)],
    ['ttr', spanOf(ttr)],
    ['attempts', String(attempts)],
    ['lost reservations', String(timeouts)],
    ['kicks', String(kicks)],
    ...moment('added', addedAt),
    ...moment('buried', buriedAt),
    ...optional('unique key', job.unique),
    ...optional('retry', job.retry),
    ...optional('headers', job.headers),
  ];
}

function endedLines(job: EndedJob): readonly Line[] {
  const { priority, attempts, addedAt, startedAt, endedAt } = job;
  return [
    ...firstLines(job),
    ['priority', String(priority)],
    ['attempts', String(attempts)],
    ...moment('added', addedAt),
    ...moment('started', startedAt),
    ...moment('ended', endedAt),
    ...optional('ran', spanBetween(startedAt, endedAt) || undefined),
    ...optional('worker', job.worker),
    ...optional('headers', job.headers),
  ];
}

function firstLines({ id, pipeline, state }: JobSnapshot | EndedJob): readonly Line[] {
  return [
    ['id', id],
    ['pipeline', pipeline],
    ['state', state],
  ];
}

function progressLine(progress: Progress | undefined): readonly Line[] {
  if (!progress) return [];
  const { value, at } = progress;
  return [['progress', `${cell(value, LONGEST_PROGRESS)} (${ageOf(at)} ago)`]];
}

function moment(name: string, at: Date | undefined): readonly Line[] {
  return optional(name, at && `${at.toISOString()} (${ageOf(at)} ago)`);
}

function optional(name: string, value: string | undefined): readonly Line[] {
  return value === undefined ? [] : [[name, value]];
}

function failureRow({ attempt, startedAt, endedAt, error }: FailedAttempt): readonly Cell[] {
  return [
    { text: String(attempt) },
    { text: endedAt.toISOString() },
    { text: spanBetween(startedAt, endedAt) },
    { text: cell(error) },
  ];
}

/** What takes more than a line, with its title. */
function texts(job: JobSnapshot | EndedJob): readonly Line[] {
  const payload = ['payload', job.garbled ? '(bytes that are not UTF-8)' : readable(job.payload)] as const;
  if (hasEnded(job)) {
    const why = job.state === 'cancelled' ? 'cancelled because' : 'no result because';
    return [...optional(why, job.error), payload, ...optional('result', job.result && readable(job.result))];
  }
  const last = job.failures?.at(-1)?.error;
  const why =
    job.reason === undefined ? optional('last error', last) : optional('buried because', job.reason);
  return [...why, payload];
}

function logLine({ at, attempt, text }: LogLine): string {
  return `${at.toISOString()}  attempt ${attempt}  ${text}`;
}

function readable(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), undefined, 2);
  } catch {
    return payload;
  }
}
