import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What came of one fault. */
export interface Row {
  readonly fault: string;
  readonly backend: string;
  /** Jobs whose `addJob` resolved. */
  readonly added: number;
  /** Jobs whose `addJob` rejected because the backend was away: each is stored once or not at all. */
  readonly doubtful: number;
  readonly handled: number;
  readonly buried: number;
  /** Runs whose reservation was lost: so many jobs may have been handled a second time. */
  readonly mayBeTwice: number;
  readonly twice: number;
  /** Added jobs that were neither handled nor buried. */
  readonly lost: number;
  /** Seconds from the end of the fault until every job was handled or buried. */
  readonly recovery: number;
  /** The longest time, in seconds, in which no worker ended a job. */
  readonly pause?: number;
}

/** A file that all test files of a run write their rows to, and that its end prints. */
export const ROWS_VARIABLE = 'FAULT_ROWS';

/** Before the test files; `global-teardown.ts` prints what they write. */
export function prepareRows(): void {
  const rows = join(mkdtempSync(join(tmpdir(), 'faults-')), 'rows');
  writeFileSync(rows, '');
  process.env[ROWS_VARIABLE] = rows;
}

export function writeRow(row: Row): void {
  const file = process.env[ROWS_VARIABLE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`);
}

export function readRows(file: string): Row[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

const COLUMNS: Record<string, (row: Row) => string> = {
  fault: ({ fault }) => fault,
  backend: ({ backend }) => backend,
  added: ({ added, doubtful }) => (doubtful > 0 ? `${added} + ${doubtful} in doubt` : String(added)),
  handled: ({ handled }) => String(handled),
  buried: ({ buried }) => String(buried),
  'twice (allowed/actual)': ({ mayBeTwice, twice }) => `${mayBeTwice}/${twice}`,
  lost: ({ lost }) => String(lost),
  'recovery in s': ({ recovery }) => recovery.toFixed(1),
};
const PAUSE = { 'pause in s': ({ pause }: Row) => pause?.toFixed(1) ?? '' };

/** The rows as a table of Markdown, ordered by fault. */
export function tableOf(rows: readonly Row[]): string {
  const sorted = [...rows].sort(
    (a, b) => a.fault.localeCompare(b.fault) || a.backend.localeCompare(b.backend),
  );
  const columns = rows.some(({ pause }) => pause !== undefined) ? { ...COLUMNS, ...PAUSE } : COLUMNS;
  const titles = Object.keys(columns);
  const cells = sorted.map((row) => Object.values(columns).map((cell) => cell(row)));
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}
