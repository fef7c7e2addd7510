import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelineStats } from '../../lib/index';
import { clockOff, faketime } from '../faults/support/faketime';
import { steadyClock } from '../faults/support/journal';
import { installMissing } from '../support/servers/debian-package';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { check, type Remains, type Violation } from './checker';
import { somethingHappens } from './faults';
import { History, type Nature } from './history';
import { type Place, placeOf, type System } from './place';
import { pipelines, SoakProducer } from './producer';
import { Random } from './random';
import type { Task } from './task';
import { WorkerPool } from './worker-pool';

export interface SoakOptions {
  readonly system: System;
  readonly seconds: number;
  readonly seed: number;
  /** Told of each fault. */
  readonly tell: (line: string) => void;
}

export interface SoakReport {
  readonly added: number;
  readonly faults: number;
  readonly runs: number;
  readonly violations: readonly Violation[];
  /** Processes that ended as no worker should. */
  readonly failures: readonly string[];
  /** The file that the history stays in when something is wrong. */
  readonly history: string;
}

/** As long as jobs go on ending, what has piled up may take its time: it depends on the machine. */
const SECONDS_WITHOUT_END = 60;
const SECONDS_TO_STOP = 30;

/** Breaks things at random for some time while jobs run, and holds what happened against the guarantees. */
export async function soak({ system, seconds, seed, tell }: SoakOptions): Promise<SoakReport> {
  const folder = await temporaryFolder('soak');
  const history = new History(join(folder.path, 'history'));
  const place = await placeOf(system, folder.path);
  try {
    if (place.dataSource) await place.ask('create table soak_effects (task integer not null)');
    const producer = await SoakProducer.open(place.url, history, new Random(seed), naturesOn(place));
    const pool = new WorkerPool(history, environmentsOn(place, history));
    await pool.start();

    const faults = await shaken(
      { history, place, pool, random: new Random(seed + 1) },
      seconds,
      producer,
      tell,
    );
    const left = await leftIn(producer);
    if (left)
      pool.failures.push(
        `There are jobs left, of which none has ended for ${SECONDS_WITHOUT_END} s: ${left}`,
      );
    const buried = await buriedIn(producer);
    await pool.close(SECONDS_TO_STOP);
    const effects = await effectsIn(place);
    const entries = history.read();
    const report = {
      added: producer.added,
      faults,
      runs: entries.filter(({ kind }) => kind === 'started').length,
      violations: check(entries, { buried, effects, notesLoneRuns: system !== 'beanstalkd' }),
      failures: pool.failures,
      history: history.path,
    };
    await producer.close();
    if (report.violations.length + report.failures.length === 0) await folder.remove();
    return report;
  } finally {
    await place.close();
  }
}

async function shaken(
  scene: Parameters<typeof somethingHappens>[0],
  seconds: number,
  producer: SoakProducer,
  tell: (line: string) => void,
): Promise<number> {
  const stop = new AbortController();
  const adding = producer.addUntil(stop.signal);
  const start = steadyClock();
  let faults = 0;
  while (steadyClock() < start + seconds) {
    await sleep(scene.random.between(0.3, 3) * 1000);
    const name = await somethingHappens(scene);
    faults += 1;
    tell(`${(steadyClock() - start).toFixed(0).padStart(4)} s  ${name} (${producer.added} jobs added)`);
  }
  stop.abort();
  await adding;
  return faults;
}

function naturesOn({ dataSource, server }: Place): (readonly [weight: number, nature: Nature])[] {
  // beanstalkd counts ten ended connections as one lost lease: a job that kills its workers would kill thirty.
  const countsDeaths = dataSource !== undefined || server === undefined;
  return [
    [70, 'plain'],
    [10, 'slow'],
    [5, 'flaky'],
    [5, 'fails'],
    ...(countsDeaths ? [[0.2, 'poison'] as const] : []),
    ...(dataSource ? [[10, 'effect'] as const] : []),
  ];
}

/**
 * Three workers; where a DataSource can be shared, two of them share an application's. Where time is a server's, the
 * clocks of two are wrong.
 */
function environmentsOn({ url, dataSource, server }: Place, history: History): NodeJS.ProcessEnv[] {
  const alone = { JOB_QUEUE_URL: url, HISTORY: history.path };
  const shared = dataSource ? { ...alone, DATA_SOURCE: JSON.stringify(dataSource) } : alone;
  if (!server) return [alone, shared, shared];
  installMissing([faketime]);
  return [{ ...alone, ...clockOff('+1h') }, { ...shared, ...clockOff('-1h') }, shared];
}

/** Waits until no job is left to be done; tells what is left when none of them ends any more. */
async function leftIn({ queue }: SoakProducer): Promise<string | undefined> {
  let before = Infinity;
  for (;;) {
    let left: PipelineStats[] = [];
    const fewer = async (): Promise<number | undefined> => {
      left = await Promise.all(pipelines.map((pipeline) => queue.stats(pipeline)));
      const jobs = left.reduce((sum, { ready, delayed, reserved }) => sum + ready + delayed + reserved, 0);
      return jobs < before ? jobs : undefined;
    };
    try {
      before = await until('a job ends', fewer, { within: SECONDS_WITHOUT_END });
    } catch {
      return JSON.stringify(left);
    }
    if (before === 0) return undefined;
  }
}

/** The tasks of the buried jobs; beanstalkd shows one at a time. */
async function buriedIn({ queue }: SoakProducer): Promise<Remains['buried']> {
  const buried = new Set<number>();
  for (const pipeline of pipelines) {
    for (;;) {
      const [job] = await queue.peek(pipeline, 'buried');
      if (!job) break;
      buried.add((JSON.parse(job.raw) as Task).task);
      await queue.deleteJob(job.id);
    }
  }
  return buried;
}

async function effectsIn(place: Place): Promise<Map<number, number>> {
  const rows = place.dataSource
    ? await place.ask('select task, count(*) as effects from soak_effects group by task')
    : [];
  return new Map(rows.map(({ task, effects }) => [Number(task), Number(effects)]));
}
