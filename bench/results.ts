import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MeasurementName } from './catalogue';
import type { Machine } from './machine';
import { RESULTS } from './places';
import type { Scale } from './scale';

export type Figures = Readonly<Record<string, number>>;

/** What was measured: one case of one measurement, of one contender, in one round. */
export interface Cell {
  readonly measurement: MeasurementName;
  readonly case: string;
  readonly contender: string;
  readonly round: number;
}

export interface Sample extends Cell {
  readonly figures: Figures;
}

export interface Failure extends Cell {
  readonly error: string;
}

export interface Results {
  readonly startedAt: string;
  readonly scale: Scale;
  readonly machine: Machine;
  readonly samples: readonly Sample[];
  readonly failures: readonly Failure[];
}

/** Writes bench/results/<scale>-<time>.json and answers its path. */
export async function writeResults(results: Results): Promise<string> {
  await mkdir(RESULTS, { recursive: true });
  const time = results.startedAt.replace(/[:.]/g, '-');
  const file = join(RESULTS, `${results.scale.name}-${time}.json`);
  await writeFile(file, JSON.stringify(results, null, 1));
  return file;
}

/** The results of several runs of the same scale as those of one, with the rounds of all. */
export async function readResults(files: readonly [string, ...string[]]): Promise<Results> {
  const [first, ...others] = await Promise.all(files.map(readFrom));
  if (!first) throw new Error('No file of results was named');
  return others.reduce(joined, first);
}

async function readFrom(file: string): Promise<Results> {
  return JSON.parse(await readFile(file, 'utf8')) as Results;
}

/** The rounds of a measurement stay apart, because ratios are taken within one. */
function joined(earlier: Results, later: Results): Results {
  if (earlier.scale.name !== later.scale.name) {
    throw new Error(`Results of --${earlier.scale.name} and --${later.scale.name} cannot be joined`);
  }
  const cells = [...earlier.samples, ...earlier.failures];
  const roundsOf = (name: MeasurementName) =>
    Math.max(0, ...cells.filter(({ measurement }) => measurement === name).map(({ round }) => round + 1));
  const after = <T extends Cell>(next: readonly T[]) =>
    next.map((cell) => ({ ...cell, round: cell.round + roundsOf(cell.measurement) }));
  return {
    ...later,
    machine: {
      ...later.machine,
      versions: { ...earlier.machine.versions, ...later.machine.versions },
    },
    samples: [...earlier.samples, ...after(later.samples)],
    failures: [...earlier.failures, ...after(later.failures)],
  };
}
