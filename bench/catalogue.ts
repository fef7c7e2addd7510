import { join } from 'node:path';
import type { Settings } from './contender';
import { PEERS } from './places';

/** The systems that we run on; every comparison belongs to one of them. */
export const backends = ['postgres', 'mysql', 'sqlite', 'beanstalkd'] as const;
export type Backend = (typeof backends)[number];
/** What has to be started; a SQLite file needs no server. */
export type Server = Exclude<Backend, 'sqlite'> | 'mysql-itself' | 'redis-everysec' | 'redis-always';

export const measurementNames = [
  'enqueue',
  'process',
  'latency',
  'growth',
  'passage',
  'churn',
  'idle',
  'unique',
  'kept',
  'board',
  'telemetry',
] as const;
export type MeasurementName = (typeof measurementNames)[number];

export type Kind = 'ours' | 'raw' | 'peer';

export interface Entry {
  /** Unique; as it stands in results and on the command line. */
  readonly name: string;
  readonly kind: Kind;
  /** For `--peers`: the product. */
  readonly product: string;
  /** With which of our backends it is compared. */
  readonly backend: Backend;
  /** Where its jobs are, when that is not our backend's own server. */
  readonly server?: Server;
  readonly module: string;
  readonly settings: Settings;
  /** The most jobs that are put in front of it, where adding or handling more would take minutes. */
  readonly mostJobs?: number;
  readonly measurements: readonly MeasurementName[];
  /** Concurrencies at which it does not work as a queue at all. */
  readonly notAt?: readonly number[];
}

const all = measurementNames;
const throughput = ['enqueue', 'process'] as const;
const usual = ['enqueue', 'process', 'latency', 'idle'] as const;
/** A million jobs take the others minutes to add, and a figure of the quickest ones says enough. */
const withGrowth = [...usual, 'growth'] as const;

/** For those that handle less than a third of it in the two seconds that count. */
const ENOUGH = 50_000;

const ours = (backend: Backend, rest: Partial<Entry> = {}): Entry => ({
  name: `ours/${backend}`,
  kind: 'ours',
  product: 'ours',
  backend,
  module: join(__dirname, 'contenders/library'),
  settings: {},
  measurements: all,
  ...rest,
});

/** In the DataSource of an application that has TypeORM. */
const oursByDataSource = (backend: Backend): Entry =>
  ours(backend, {
    name: `ours/${backend}-datasource`,
    settings: { dataSource: true },
    measurements: throughput,
  });

const raw = (
  backend: Backend,
  name: string,
  settings: Settings,
  measurements: Entry['measurements'],
): Entry => ({
  name,
  kind: 'raw',
  product: 'raw',
  backend,
  module: join(__dirname, `contenders/raw-${backend}`),
  settings,
  measurements,
});

const peer = (name: string, backend: Backend, file: string, rest: Partial<Entry> = {}): Entry => ({
  name,
  kind: 'peer',
  product: file,
  backend,
  module: join(PEERS, `${file}.mjs`),
  settings: {},
  measurements: usual,
  ...rest,
});

/**
 * Everything that is measured. Settings are the documented ones: the default, and the best where the product's
 * documentation has better ones for throughput.
 */
export const catalogue: readonly Entry[] = [
  ours('postgres'),
  oursByDataSource('postgres'),
  raw('postgres', 'raw/postgres', {}, throughput),
  raw('postgres', 'raw/postgres-notify', { notify: true }, ['latency']),
  peer('graphile/default', 'postgres', 'graphile', { mostJobs: ENOUGH }),
  peer('graphile/tuned', 'postgres', 'graphile', { settings: { localQueue: 500 }, measurements: withGrowth }),
  peer('pg-boss/work', 'postgres', 'pg-boss', { notAt: [1], mostJobs: ENOUGH }),
  peer('pg-boss/fetch', 'postgres', 'pg-boss', {
    settings: { loop: true },
    measurements: ['process'],
    mostJobs: ENOUGH,
  }),
  peer('bullmq/postgres', 'postgres', 'bullmq', { settings: { postgres: true }, mostJobs: 20_000 }),
  peer('bullmq/redis-everysec', 'postgres', 'bullmq', {
    server: 'redis-everysec',
    measurements: withGrowth,
    mostJobs: ENOUGH,
  }),
  peer('bullmq/redis-always', 'postgres', 'bullmq', { server: 'redis-always', mostJobs: ENOUGH }),
  peer('sidequest/postgres', 'postgres', 'sidequest', {
    settings: { driver: '@sidequest/postgres-backend' },
    measurements: [...throughput, 'latency', 'idle'],
    mostJobs: 1000,
  }),

  ours('mysql'),
  oursByDataSource('mysql'),
  // Where the other figures of this backend are MariaDB's.
  ours('mysql', {
    name: 'ours/mysql-itself',
    server: 'mysql-itself',
    measurements: ['unique', 'kept'],
  }),
  raw('mysql', 'raw/mysql', {}, [...throughput, 'latency']),
  peer('sidequest/mysql', 'mysql', 'sidequest', {
    settings: { driver: '@sidequest/mysql-backend' },
    measurements: [...throughput, 'latency', 'idle'],
    mostJobs: 1000,
  }),

  ours('sqlite'),
  oursByDataSource('sqlite'),
  ours('sqlite', { name: 'ours/sqlite-full', settings: { synchronous: 'full' }, measurements: throughput }),
  raw('sqlite', 'raw/sqlite-normal', { synchronous: 'normal' }, [...throughput, 'latency']),
  raw('sqlite', 'raw/sqlite-full', { synchronous: 'full' }, throughput),
  // It works through its backlog without ever letting a timer or a message in, so it gets a short one.
  peer('sidequest/sqlite-normal', 'sqlite', 'sidequest', {
    settings: { driver: '@sidequest/sqlite-backend', synchronous: 'normal' },
    measurements: [...throughput, 'latency', 'idle'],
    mostJobs: 1000,
  }),
  peer('sidequest/sqlite-full', 'sqlite', 'sidequest', {
    settings: { driver: '@sidequest/sqlite-backend', synchronous: 'full' },
    measurements: throughput,
    mostJobs: 1000,
  }),

  ours('beanstalkd'),
  raw('beanstalkd', 'raw/beanstalkd', {}, [...throughput, 'latency']),
  // What it costs to know a job's attempts, which no queue with retries can do without.
  raw('beanstalkd', 'raw/beanstalkd-stats', { stats: true }, ['process', 'latency']),
];

export function entryNamed(name: string): Entry {
  const entry = catalogue.find((it) => it.name === name);
  if (!entry) throw new Error(`The catalogue has no ${name}`);
  return entry;
}

/** The server that a contender's jobs are on; undefined for a SQLite file. */
export function serverOf({ server, backend }: Entry): Server | undefined {
  return server ?? (backend === 'sqlite' ? undefined : backend);
}
