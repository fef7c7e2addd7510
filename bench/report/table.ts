import type { Failure, Results } from '../results';
import { type Comparison, comparisonsOf, type Row, type Spread } from './comparison';
import { shown } from './number';

/** The one table of a run, for a terminal. */
export function tableOf(results: Results): string {
  const head = ['', 'median', 'least to most', 'we : it'];
  const blocks = comparisonsOf(results).map((comparison) => [
    [headOf(comparison)],
    ...comparison.rows.map(cellsOf),
  ]);
  const lines = aligned([head, ...blocks.flatMap((block) => [[''], ...block])]);
  return [...lines, ...results.failures.map(failureOf)].join('\n');
}

function headOf({ case: { measurement, name }, metric: { title, unit } }: Comparison): string {
  const what = name === measurement ? measurement : `${measurement}, ${name}`;
  return `${what}: ${title} (${unit})`;
}

function cellsOf({ entry, value, ratio }: Row): string[] {
  return [`  ${entry.name}`, shown(value.median), rangeOf(value), ratio ? shown(ratio.median) : ''];
}

function rangeOf({ least, most }: Spread): string {
  return `${shown(least)} to ${shown(most)}`;
}

function failureOf({ measurement, case: name, contender, error }: Failure): string {
  return `FAILED ${measurement}, ${name}: ${contender}: ${error.split('\n')[0]}`;
}

/** Rows of one cell are headings, and make no column wider. */
function aligned(rows: readonly string[][]): string[] {
  const full = rows.filter((row) => row.length > 1);
  const widths = (full[0] ?? []).map((_, column) => Math.max(...full.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => (row.length > 1 ? row.map(pad).join('  ') : (row[0] ?? '')).trimEnd());
}
