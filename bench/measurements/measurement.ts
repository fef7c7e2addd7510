import type { Arena } from '../arena';
import type { Entry, MeasurementName } from '../catalogue';
import type { Scale } from '../scale';

/** One figure that a case has: its name in the results, how it is shown, and what is better. */
export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
}

export interface Case {
  readonly measurement: MeasurementName;
  /** Unique among the measurement's cases. */
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** Whether the case means something for this contender, beside what the catalogue says. */
  fits?(entry: Entry): boolean;
  /** Figures by the names of their metrics; one that the system cannot tell is missing. */
  measure(arena: Arena): Promise<Readonly<Record<string, number>>>;
}

/** The cases of one measurement at that scale. */
export type Cases = (scale: Scale) => Case[];

export const rate: Metric = { name: 'rate', title: 'jobs', unit: '/s', better: 'more' };
