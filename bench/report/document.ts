import { readFile, writeFile } from 'node:fs/promises';
import { backends, type Entry, measurementNames } from '../catalogue';
import { DOCUMENT, PLOT } from '../places';
import type { Results, Sample } from '../results';
import { type Comparison, comparisonsOf, type Row } from './comparison';
import { verdictsOf } from './goals';
import { shown } from './number';
import { plotOf } from './plot';
import { titles } from './titles';

const BEGIN = '<!-- Figures, written by `npm run bench`: do not edit. -->';
const END = '<!-- End of the figures. -->';
/** Replaces the figures in docs/benchmarks.md, and the plot beside it. */
export async function writeDocument(results: Results): Promise<void> {
  const text = await readFile(DOCUMENT, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end === -1) throw new Error(`${DOCUMENT} has lost the lines "${BEGIN}" and "${END}"`);
  const figures = [BEGIN, ...sectionsOf(results), ''].join('\n\n');
  await writeFile(DOCUMENT, text.slice(0, begin) + figures + text.slice(end));
  await writeFile(PLOT, plotOf(results));
}

function sectionsOf(results: Results): string[] {
  const comparisons = comparisonsOf(results);
  return [
    machineOf(results),
    '![Jobs a second at the highest concurrency](benchmarks.svg)',
    '## Goals',
    goalsOf(results),
    ...backends.flatMap((backend) => {
      const its = comparisons.filter((it) => it.backend === backend);
      return its.length === 0 ? [] : [`## ${titles[backend]}`, ...tablesOf(its)];
    }),
  ];
}

function machineOf({
  startedAt,
  samples,
  machine: { cpu, cores, memoryGiB, system, versions },
}: Results): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${startedAt.slice(0, 10)}: ${cpu}, ${cores} cores for servers, workers and producers together, ${memoryGiB} GiB, ${system}. Rounds: ${roundsOf(samples)}.`,
    `Versions: ${named.join('; ')}.`,
  ].join('\n\n');
}

/** Of each measurement, because a run may have been of some alone, and of some contenders alone. */
function roundsOf(samples: readonly Sample[]): string {
  return measurementNames
    .flatMap((name) => {
      const its = samples.filter(({ measurement }) => measurement === name);
      const contenders = [...new Set(its.map(({ contender }) => contender))];
      const counts = contenders.map(
        (one) => new Set(its.filter(({ contender }) => contender === one).map(({ round }) => round)).size,
      );
      if (counts.length === 0) return [];
      const [least, most] = [Math.min(...counts), Math.max(...counts)];
      return `${name} ${least === most ? most : `${least} to ${most}`}`;
    })
    .join(', ');
}

/** What was not reached first: that is what a reader has to know. */
function goalsOf(results: Results): string {
  const verdicts = verdictsOf(results).sort((one, other) => Number(one.reached) - Number(other.reached));
  const rows = verdicts.map(({ title, limit, value, reached }) => [
    title,
    limit,
    shown(value),
    reached ? 'yes' : '**no**',
  ]);
  return markdownTable(['goal', 'limit', 'measured', 'reached'], rows);
}

/** One table a measurement: a line for each figure, a column for each contender. */
function tablesOf(comparisons: readonly Comparison[]): string[] {
  return measurementNames.flatMap((measurement) => {
    const its = comparisons.filter(({ case: one }) => one.measurement === measurement);
    if (its.length === 0) return [];
    const entries = new Set(its.flatMap(({ rows }) => rows.map(({ entry }) => entry)));
    const head = [
      measurement,
      ...Array.from(entries, ({ name, backend }) => (name === `ours/${backend}` ? 'we' : name)),
    ];
    return [
      markdownTable(
        head,
        its.map((comparison) => lineOf(comparison, entries)),
      ),
    ];
  });
}

function lineOf(
  { case: { measurement, name }, metric: { title, unit }, rows }: Comparison,
  entries: Iterable<Entry>,
) {
  const what = name === measurement ? title : `${name}: ${title}`;
  const cell = (entry: Entry) => cellOf(rows.find((row) => row.entry === entry));
  return [`${what} (${unit})`, ...Array.from(entries, cell)];
}

/** The median, and ours divided by it. */
function cellOf(row: Row | undefined): string {
  if (!row) return '';
  const { value, ratio } = row;
  return ratio ? `${shown(value.median)} (${shown(ratio.median)})` : `**${shown(value.median)}**`;
}

function markdownTable([first = '', ...others]: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line([first, ...others]), line(['---', ...others.map(() => '--:')]), ...rows.map(line)].join('\n');
}
