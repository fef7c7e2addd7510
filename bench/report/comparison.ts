import { type Backend, backends, catalogue, type Entry, measurementNames } from '../catalogue';
import { casesOf } from '../measurements/cases';
import type { Case, Metric } from '../measurements/measurement';
import type { Results, Sample } from '../results';
import { median } from '../statistics';

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Row {
  readonly entry: Entry;
  readonly value: Spread;
  /** Ours divided by this one, within the same round; not for ourselves. */
  readonly ratio: Spread | undefined;
}

/** One figure of one case, of us on one backend and of all that is compared with that. */
export interface Comparison {
  readonly backend: Backend;
  readonly case: Case;
  readonly metric: Metric;
  readonly rows: readonly Row[];
}

export function comparisonsOf({ samples, scale }: Results): Comparison[] {
  const cases = measurementNames.flatMap((name) => casesOf[name](scale));
  return backends.flatMap((backend) =>
    cases.flatMap((one) =>
      one.metrics.flatMap((metric) => {
        const rows = rowsOf(samples, backend, one, metric);
        return rows.length === 0 ? [] : [{ backend, case: one, metric, rows }];
      }),
    ),
  );
}

function rowsOf(samples: readonly Sample[], backend: Backend, one: Case, metric: Metric): Row[] {
  const entries = catalogue.filter((entry) => entry.backend === backend);
  const ours = entries.find(({ kind }) => kind === 'ours');
  const ourValues = ours ? valuesOf(samples, ours, one, metric) : new Map<number, number>();
  return entries.flatMap((entry) => {
    const values = valuesOf(samples, entry, one, metric);
    const value = spreadOf([...values.values()]);
    return value ? [{ entry, value, ratio: entry === ours ? undefined : ratioOf(ourValues, values) }] : [];
  });
}

/** By round. */
function valuesOf(samples: readonly Sample[], entry: Entry, one: Case, metric: Metric): Map<number, number> {
  const its = samples.filter(
    (sample) =>
      sample.contender === entry.name && sample.measurement === one.measurement && sample.case === one.name,
  );
  return new Map(
    its.flatMap(({ round, figures }) => {
      const value = figures[metric.name];
      // Too few jobs give no rate, NaN here and null in a file.
      return value !== undefined && Number.isFinite(value) ? [[round, value] as const] : [];
    }),
  );
}

/** Of the rounds that both have. */
export function ratioOf(numerators: ReadonlyMap<number, number>, denominators: ReadonlyMap<number, number>) {
  return spreadOf(
    Array.from(denominators).flatMap(([round, value]) => {
      const numerator = numerators.get(round);
      return numerator === undefined || value === 0 ? [] : [numerator / value];
    }),
  );
}

function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}
