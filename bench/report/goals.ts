import { type Backend, backends, type MeasurementName } from '../catalogue';
import { ways } from '../measurements/unique';
import type { Figures, Results, Sample } from '../results';
import { median } from '../statistics';
import { ratioOf } from './comparison';
import { titles } from './titles';

interface Side {
  readonly contender: string;
  readonly measurement: MeasurementName;
  readonly case: string;
  /** The name of a figure, or what follows from several. */
  readonly figure: string | ((figures: Figures) => number | undefined);
}

interface Goal {
  readonly title: string;
  readonly ours: Side;
  /** Without it the limit is for our figure itself. */
  readonly against?: Side;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Verdict {
  readonly title: string;
  readonly limit: string;
  /** A median of ratios in the same round, or of our figures. */
  readonly value: number;
  readonly reached: boolean;
}

/** The goals that these results say something about. */
export function verdictsOf({ samples }: Results): Verdict[] {
  return goals.flatMap((goal) => {
    const ours = valuesOf(samples, goal.ours);
    const value = goal.against
      ? ratioOf(ours, valuesOf(samples, goal.against))?.median
      : ours.size > 0
        ? median([...ours.values()])
        : undefined;
    if (value === undefined) return [];
    const { title, atLeast = -Infinity, atMost = Infinity } = goal;
    const limit = goal.atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
    return [{ title, limit, value, reached: value >= atLeast && value <= atMost }];
  });
}

function valuesOf(samples: readonly Sample[], { contender, measurement, case: name, figure }: Side) {
  const its = samples.filter(
    (sample) => sample.contender === contender && sample.measurement === measurement && sample.case === name,
  );
  return new Map(
    its.flatMap(({ round, figures }) => {
      const value = typeof figure === 'string' ? figures[figure] : figure(figures);
      return value !== undefined && Number.isFinite(value) ? [[round, value] as const] : [];
    }),
  );
}

const processing = (contender: string, concurrency: number, processes = 'one process'): Side => ({
  contender,
  measurement: 'process',
  case: `concurrency ${concurrency}, ${processes}`,
  figure: 'rate',
});

const adding = (contender: string, figure: 'one' | 'together' | 'bulk'): Side => ({
  contender,
  measurement: 'enqueue',
  case: 'enqueue',
  figure,
});

const waiting = (contender: string, processes: 'one' | 'two', figure: string): Side => ({
  contender,
  measurement: 'latency',
  case: processes === 'one' ? 'one process' : 'two processes',
  figure,
});

const growing = (name: string): Side => ({
  contender: 'ours/postgres',
  measurement: 'growth',
  case: name,
  figure: 'rate',
});

/** One claim and its answer, by hand, at the pace and in the process in which we are measured. */
const claimOf = {
  postgres: 'raw/postgres-notify',
  mysql: 'raw/mysql',
  sqlite: 'raw/sqlite-normal',
  beanstalkd: 'raw/beanstalkd-stats',
};

/** One claim and its answer, as the raw worker makes them one after the other at concurrency 1, in milliseconds. */
const roundTrip = (contender: string): Side => ({
  ...processing(contender, 1),
  figure: ({ rate }) => (rate === undefined ? undefined : 1000 / rate),
});

const faster = (backend: Backend, concurrencies: readonly number[], rival: string, atLeast: number): Goal[] =>
  concurrencies.map((concurrency) => ({
    title: `process, ${titles[backend]}, concurrency ${concurrency}: we to ${rival}`,
    ours: processing(`ours/${backend}`, concurrency),
    against: processing(rival, concurrency),
    atLeast,
  }));

const rawOf = {
  postgres: 'raw/postgres',
  mysql: 'raw/mysql',
  sqlite: 'raw/sqlite-normal',
  beanstalkd: 'raw/beanstalkd',
};

const keptGoals = [
  { what: 'kept jobs to jobs that are not kept', figure: 'keptToPlain', atLeast: 0.6 },
  { what: 'kept jobs beside 1,000,000 kept rows to those beside few', figure: 'fullToEmpty', atLeast: 0.95 },
  { what: 'a page of history beside them, 95th of 100, ms', figure: 'slowPoll', atMost: 10 },
] as const;

/** Where jobs are kept, and have unique keys. */
const keepingOf: Readonly<Record<string, string>> = {
  'ours/postgres': titles.postgres,
  'ours/mysql': titles.mysql,
  'ours/mysql-itself': 'MySQL',
  'ours/sqlite': titles.sqlite,
};

/** What the project has set itself; written down before the first measurement of it. */
const goals: readonly Goal[] = [
  ...faster('postgres', [1, 10, 100], 'graphile/tuned', 1.3),
  ...faster('postgres', [10, 100], 'bullmq/redis-everysec', 3),
  ...faster('postgres', [10, 100], 'bullmq/postgres', 25),
  ...faster('mysql', [100], 'sidequest/mysql', 40),
  ...backends.flatMap((backend) => faster(backend, [100], rawOf[backend], backend === 'sqlite' ? 0.4 : 0.6)),
  {
    title: 'enqueue, PostgreSQL, 100 calls at once: we to bullmq/redis-everysec',
    ours: adding('ours/postgres', 'together'),
    against: adding('bullmq/redis-everysec', 'together'),
    atLeast: 1.3,
  },
  ...backends.map((backend) => ({
    title: `enqueue, ${titles[backend]}, one awaited after the other: we to the driver`,
    ours: adding(`ours/${backend}`, 'one'),
    against: adding(rawOf[backend], 'one'),
    atLeast: 0.65,
  })),
  ...Object.entries(keepingOf).flatMap(([contender, title]) =>
    ways.map(({ name, title: way }) => ({
      title: `unique adds to plain ones, ${title}, ${way}`,
      ours: { contender, measurement: 'unique' as const, case: 'unique', figure: `${name}ToPlain` },
      atLeast: 0.7,
    })),
  ),
  ...Object.entries(keepingOf).flatMap(([contender, title]) =>
    keptGoals.map(({ what, figure, ...limit }) => ({
      title: `${what}, ${title}`,
      ours: { contender, measurement: 'kept' as const, case: 'kept', figure },
      ...limit,
    })),
  ),
  {
    title: 'enqueue, PostgreSQL, in bulk: we to graphile/tuned',
    ours: adding('ours/postgres', 'bulk'),
    against: adding('graphile/tuned', 'bulk'),
    atLeast: 1.5,
  },
  ...(['p50', 'p99'] as const).map((figure) => ({
    title: `latency, PostgreSQL, across processes, ${figure}: we to LISTEN/NOTIFY by hand`,
    ours: waiting('ours/postgres', 'two', figure),
    against: waiting('raw/postgres-notify', 'two', figure),
    atMost: 1.3,
  })),
  {
    title: 'latency, MariaDB, across processes, p50 (ms)',
    ours: waiting('ours/mysql', 'two', 'p50'),
    atMost: 6,
  },
  {
    title: 'latency, SQLite, across processes, p50 (ms)',
    ours: waiting('ours/sqlite', 'two', 'p50'),
    atMost: 2,
  },
  ...backends.flatMap((backend) => {
    const title = `latency, ${titles[backend]}, in one process, stored → handler, p50`;
    const ours = waiting(`ours/${backend}`, 'one', 'stored');
    return [
      {
        title: `${title}: we to one claim by hand at the same pace`,
        ours,
        against: waiting(claimOf[backend], 'one', 'stored'),
        atMost: 1.5,
      },
      {
        title: `${title}: we to one claim by hand at full speed`,
        ours,
        against: roundTrip(rawOf[backend]),
        atMost: 1.5,
      },
    ];
  }),
  ...backends.flatMap((backend): Goal[] => [
    {
      title: `idle, ${titles[backend]}, 20 pipelines (% of a core)`,
      ours: { contender: `ours/${backend}`, measurement: 'idle', case: '20 pipelines', figure: 'cpu' },
      atMost: 1.5,
    },
    {
      title: `idle, ${titles[backend]}, queries of a pipeline (/s)`,
      ours: { contender: `ours/${backend}`, measurement: 'idle', case: '20 pipelines', figure: 'queries' },
      atMost: 1,
    },
    {
      title: `a 10 ms timer under full load, ${titles[backend]} (ms late)`,
      ours: { ...processing(`ours/${backend}`, 100), figure: 'late' },
      atMost: 50,
    },
  ]),
  {
    title: 'process, PostgreSQL, concurrency 10: two processes to one',
    ours: processing('ours/postgres', 10, '2 processes'),
    against: processing('ours/postgres', 10),
    atLeast: 1.15,
  },
  ...[
    '1,000,000 ready',
    '10,000 ready beside 100,000 delayed, more urgent',
    '10,000 ready beside 100,000 buried',
    '10,000 ready beside 1,000 other pipelines',
  ].map((name) => ({
    title: `growth, PostgreSQL, ${name}: to 10,000 ready`,
    ours: growing(name),
    against: growing('10,000 ready'),
    atLeast: 0.9,
  })),
  {
    title: 'PostgreSQL, 1,000,000 jobs through one worker: rate of the last part to the first',
    ours: {
      contender: 'ours/postgres',
      measurement: 'passage',
      case: '1,000,000 jobs through one worker',
      figure: 'kept',
    },
    atLeast: 0.8,
  },
  {
    title: 'PostgreSQL, a minute of steady add, claim, delete: last window to the first',
    ours: {
      contender: 'ours/postgres',
      measurement: 'churn',
      case: 'steady add, claim, delete',
      figure: 'kept',
    },
    atLeast: 0.8,
  },
  ...(['postgres', 'mysql'] as const).map((backend) => ({
    title: `${titles[backend]}, the same beside an old snapshot`,
    ours: {
      contender: `ours/${backend}`,
      measurement: 'churn' as const,
      case: 'the same beside an old snapshot',
      figure: 'kept',
    },
    atLeast: 0.7,
  })),
];
