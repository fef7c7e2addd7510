import { isPipelineName } from '../../../core/contract/pipeline-name';
import type { Finding } from '../../../core/contract/ports/examination';
import { sleep } from '../../../core/time/sleep';
import { FOR_EVER } from '../engine/pauses';
import { due } from '../engine/states';
import { type LivingWorkers, livingWorkers } from './living-workers';
import type { SqlCheck, SqlPatient } from './sql-check';

/** In seconds: by then an idle worker has taken what became ready just before. */
const LOOK_AGAIN = 2;

interface PipelineRow {
  readonly pipeline: string;
  readonly ready: string | number;
  readonly held: string | number;
  readonly buried: string | number;
  /** Milliseconds since the oldest ready job was added. */
  readonly age: string | number | null;
  readonly paused_until: string | number | null;
}

/** Pipelines whose jobs nobody takes, or not soon enough. */
export const pipelinesCheck: SqlCheck = {
  about: 'pipelines',
  async look(patient) {
    const rows = await pipelines(patient);
    const workers = await livingWorkers(patient);
    const late = await stillLate(rows, workers, patient);
    const total = (column: 'ready' | 'held' | 'buried') =>
      rows.reduce((sum, row) => sum + Number(row[column]), 0);
    return {
      seen: `${rows.length} with jobs: ${total('ready')} ready, ${total('held')} reserved, ${total('buried')} buried; processes with workers: ${workers.processes ?? 'not for this role'}`,
      findings: late.map((row) => findingOf(row, workers)),
    };
  },
};

/**
 * Nothing tells when a job became ready that was delayed or kicked, only when it was added: the same jobs have to wait a
 * moment later, too.
 */
async function stillLate(
  rows: readonly PipelineRow[],
  workers: LivingWorkers,
  patient: SqlPatient,
): Promise<PipelineRow[]> {
  const late = rows.filter((row) => isLate(row, workers, patient));
  if (late.length === 0) return [];
  await sleep(LOOK_AGAIN);
  const ages = new Map(late.map(({ pipeline, age }) => [pipeline, Number(age)]));
  const later = await pipelines(patient);
  return later.filter(
    (row) => isLate(row, workers, patient) && Number(row.age) >= (ages.get(row.pipeline) ?? Infinity),
  );
}

function isLate(
  { pipeline, ready, held, age }: PipelineRow,
  workers: LivingWorkers,
  { patience }: SqlPatient,
): boolean {
  // Others belong to no worker; the check of the rows names them.
  if (!isPipelineName(pipeline) || Number(ready) === 0 || seconds(age) < patience) return false;
  // Who reserves by hand, or in another language, is on no list.
  return Number(held) === 0 || workers.of(pipeline).length > 0;
}

function pipelines({ db, table, dialect: { now } }: SqlPatient): Promise<PipelineRow[]> {
  const isReady = `(state = 'ready' or ${due(now)})`;
  return db.rows<PipelineRow>(`select j.pipeline as pipeline, sum(case when ${isReady} then 1 else 0 end) as ready,
sum(case when state = 'reserved' and due_at > ${now} then 1 else 0 end) as held,
sum(case when state = 'buried' then 1 else 0 end) as buried,
${now} - min(case when ${isReady} then added_at end) as age,
max(p.paused_until) as paused_until
from ${table.jobs} j left join ${table.pauses} p on p.pipeline = j.pipeline and p.paused_until > ${now}
group by j.pipeline order by j.pipeline`);
}

function findingOf(row: PipelineRow, workers: LivingWorkers): Finding {
  const { pipeline, ready, held, age, paused_until: paused } = row;
  const jobs = `${pipeline}: ${Number(ready)} ready, the oldest added ${Math.round(seconds(age))} s ago`;
  if (paused !== null) {
    const until = Number(paused) >= FOR_EVER ? 'until it is resumed' : 'for a time';
    return { finding: `${jobs}, and it is paused ${until}.`, remedy: `job-queue resume ${pipeline}` };
  }
  const living = workers.of(pipeline);
  if (workers.processes === undefined)
    return {
      finding: `${jobs}, and no worker holds a job of it.`,
      remedy: `Start a worker with a handler for ${pipeline}, or look at the log of the one that should work on it. Whether one lives, a role with SELECT on the table of workers is told.`,
    };
  if (living.length === 0)
    return {
      finding: `${jobs}, and no living process works on it.`,
      remedy: `Start a worker with a handler for ${pipeline}; job-queue workers lists those that live, and on what they work.`,
    };
  const others = living.length === 1 ? '' : ` and ${living.length - 1} more`;
  const its = `its workers (${living[0]!}${others})`;
  if (Number(held) === 0)
    return {
      finding: `${jobs}, and ${its} hold none of its jobs.`,
      remedy: 'Look at their log: they may be stopping, hang, or run a job alone that kills its workers.',
    };
  return {
    finding: `${jobs}, and ${its} hold ${Number(held)}: more than they get done.`,
    remedy: `Raise the concurrency or the number of processes, or look what handlers wait for; job-queue stats ${pipeline} --watch tells whether it grows.`,
  };
}

function seconds(milliseconds: string | number | null): number {
  return Number(milliseconds ?? 0) / 1000;
}
