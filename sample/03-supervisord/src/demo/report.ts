import { DemoError } from './demo.error';
import type { Verdict } from './verdict';

const HEADER = ['', 'jobs', 'done', 'started again', 'done twice', 'lost'];

/** A line for every pipeline. */
export function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ pipeline, added, done, startedAgain, doneTwice, lost }) => [
    pipeline,
    ...[added, done, startedAgain, doneTwice, lost.length].map(String),
  ]);
  const widths = HEADER.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const aligned = [HEADER, ...rows].map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  );
  return aligned.map((row) => row.join('  ')).join('\n');
}

/** Throws `DemoError` for a job that is lost, or was done again without need. */
export function demandAllIsWell(verdicts: readonly Verdict[]): void {
  for (const { pipeline, lost, needlessly } of verdicts) {
    if (lost.length > 0) throw new DemoError(`${pipeline}: nobody did ${lost.join(', ')}.`);
    if (needlessly.length > 0) {
      throw new DemoError(`${pipeline}: started again without need: ${needlessly.join(', ')}.`);
    }
  }
}
