import { type MeasurementName, measurementNames } from './catalogue';

/** How much is measured. Times are in seconds. */
export interface Scale {
  readonly name: 'full' | 'quick' | 'smoke';
  /**
   * Each contender is measured once a round, one after the other; ratios are taken within a round. One round for a
   * measurement without a number: where the figure is of a minute and more.
   */
  readonly rounds: Readonly<Partial<Record<MeasurementName, number>>>;
  /** How many measurements run at the same time: more than one only where figures do not count. */
  readonly parallel: number;
  /** After that long without an answer a measurement has failed; also the most that its preparation may take. */
  readonly patience: number;
  readonly measurements: readonly MeasurementName[];
  /** The names of those that are measured unless peers are named; default: all. */
  readonly contenders?: readonly string[];
  readonly enqueue: { readonly jobs: number; readonly within: number };
  readonly process: {
    readonly preloaded: number;
    readonly concurrencies: readonly number[];
    readonly processes: readonly number[];
    readonly within: number;
  };
  readonly warmUp: number;
  readonly latency: { readonly warmUp: number; readonly perSecond: number; readonly seconds: number };
  readonly growth: {
    readonly backlogs: readonly number[];
    readonly handled: number;
    readonly beside: number;
    readonly pipelines: number;
  };
  readonly passage: { readonly jobs: number; readonly chunk: number };
  readonly churn: { readonly windows: number; readonly windowSeconds: number };
  readonly idle: { readonly pipelines: number; readonly seconds: number };
  /** Time is of one turn. */
  readonly unique: { readonly turns: number; readonly jobs: number; readonly within: number };
  /** Jobs of one turn; the rows that are kept before the second half of them. */
  readonly kept: {
    readonly turns: number;
    readonly jobs: number;
    readonly rows: number;
    readonly polls: number;
  };
  /** Rows of other pipelines; how long the board is polled alone; turns of a worker beside it. */
  readonly board: {
    readonly pipelines: number;
    readonly rows: number;
    readonly seconds: number;
    readonly turns: number;
    /** Jobs that are added before each turn, which is over after so long. */
    readonly jobs: number;
    readonly within: number;
  };
  /** Jobs of one turn, which is over after so long. */
  readonly telemetry: { readonly turns: number; readonly jobs: number; readonly within: number };
}

const full: Scale = {
  name: 'full',
  rounds: { enqueue: 3, process: 2, latency: 2, growth: 2, unique: 2, kept: 2 },
  parallel: 1,
  patience: 600,
  measurements: measurementNames,
  enqueue: { jobs: 100_000, within: 2 },
  // Three seconds of the quickest: it is also the quickest peer that needs so many to show its rate.
  process: { preloaded: 150_000, concurrencies: [1, 10, 100], processes: [1, 2], within: 2 },
  warmUp: 2000,
  // Node looks where the first 10,000 calls of `new Buffer` come from, and fivebeans makes several for each job.
  latency: { warmUp: 5000, perSecond: 50, seconds: 4 },
  growth: { backlogs: [1000, 10_000, 100_000, 1_000_000], handled: 10_000, beside: 100_000, pipelines: 1000 },
  passage: { jobs: 1_000_000, chunk: 50_000 },
  churn: { windows: 12, windowSeconds: 5 },
  idle: { pipelines: 20, seconds: 10 },
  unique: { turns: 8, jobs: 100_000, within: 0.4 },
  kept: { turns: 6, jobs: 20_000, rows: 1_000_000, polls: 300 },
  board: { pipelines: 100, rows: 1_000_000, seconds: 15, turns: 4, jobs: 80_000, within: 8 },
  telemetry: { turns: 8, jobs: 40_000, within: 4 },
};

/** For every day, under three minutes: one round, and what says most in little time. */
const quick: Scale = {
  ...full,
  name: 'quick',
  rounds: {},
  patience: 60,
  measurements: ['enqueue', 'process', 'latency'],
  contenders: [
    ...['ours/postgres', 'raw/postgres', 'raw/postgres-notify', 'graphile/tuned', 'bullmq/redis-everysec'],
    ...['ours/mysql', 'raw/mysql'],
    ...['ours/sqlite', 'raw/sqlite-normal'],
    ...['ours/beanstalkd', 'raw/beanstalkd'],
  ],
  enqueue: { jobs: 20_000, within: 0.5 },
  process: { preloaded: 10_000, concurrencies: [10, 100], processes: [1], within: 1 },
  warmUp: 500,
  latency: { warmUp: 500, perSecond: 50, seconds: 1.5 },
  growth: { backlogs: [1000, 10_000, 100_000], handled: 5000, beside: 20_000, pipelines: 100 },
  passage: { jobs: 200_000, chunk: 20_000 },
  churn: { windows: 5, windowSeconds: 2 },
  idle: { pipelines: 20, seconds: 5 },
  unique: { turns: 6, jobs: 20_000, within: 0.2 },
  kept: { turns: 3, jobs: 5000, rows: 100_000, polls: 100 },
  board: { pipelines: 100, rows: 100_000, seconds: 10, turns: 3, jobs: 20_000, within: 5 },
  telemetry: { turns: 4, jobs: 10_000, within: 4 },
};

/** One iteration of everything: its figures mean nothing, that it runs means that nothing has rotted. */
const smoke: Scale = {
  name: 'smoke',
  rounds: {},
  parallel: 4,
  patience: 60,
  measurements: full.measurements,
  enqueue: { jobs: 200, within: 0.2 },
  process: { preloaded: 100, concurrencies: [10], processes: [1], within: 1 },
  warmUp: 20,
  latency: { warmUp: 20, perSecond: 50, seconds: 0.2 },
  growth: { backlogs: [100], handled: 100, beside: 50, pipelines: 5 },
  passage: { jobs: 400, chunk: 200 },
  churn: { windows: 2, windowSeconds: 0.2 },
  idle: { pipelines: 3, seconds: 0.2 },
  unique: { turns: 1, jobs: 200, within: 0.2 },
  kept: { turns: 1, jobs: 100, rows: 1000, polls: 3 },
  board: { pipelines: 3, rows: 300, seconds: 0.2, turns: 1, jobs: 100, within: 5 },
  telemetry: { turns: 1, jobs: 100, within: 5 },
};

export const scales = { full, quick, smoke } as const;
