import type { Finding } from '../../../core/contract/examination';
import { isPipelineName } from '../../../core/contract/pipeline-name';
import { FOR_EVER } from '../engine/pauses';
import { due } from '../engine/states';
import type { SqlCheck, SqlPatient } from './sql-check';

interface PipelineRow {
  readonly pipeline: string;
  readonly ready: string | number;
  readonly held: string | number;
  readonly buried: string | number;
  /** Milliseconds since the oldest ready job was added. */
  readonly age: string | number | null;
  readonly paused_until: string | number | null;
}

/** Pipelines whose jobs nobody takes. */
export const pipelinesCheck: SqlCheck = {
  about: 'pipelines',
  async look(patient) {
    const rows = await patient.db.rows<PipelineRow>(statement(patient));
    const total = (column: 'ready' | 'held' | 'buried') =>
      rows.reduce((sum, row) => sum + Number(row[column]), 0);
    return {
      seen: `${rows.length} with jobs: ${total('ready')} ready, ${total('held')} reserved, ${total('buried')} buried`,
      // Others belong to no worker; the check of the rows names them.
      findings: rows
        .filter(({ pipeline }) => isPipelineName(pipeline))
        .flatMap((row) => findingsOf(row, patient.patience)),
    };
  },
};

function statement({ table, dialect: { now } }: SqlPatient): string {
  const isReady = `(state = 'ready' or ${due(now)})`;
  return `select j.pipeline as pipeline, sum(case when ${isReady} then 1 else 0 end) as ready,
sum(case when state = 'reserved' and due_at > ${now} then 1 else 0 end) as held,
sum(case when state = 'buried' then 1 else 0 end) as buried,
${now} - min(case when ${isReady} then added_at end) as age,
max(p.paused_until) as paused_until
from ${table.jobs} j left join ${table.pauses} p on p.pipeline = j.pipeline and p.paused_until > ${now}
group by j.pipeline order by j.pipeline`;
}

function findingsOf(
  { pipeline, ready, held, age, paused_until: paused }: PipelineRow,
  patience: number,
): Finding[] {
  const waiting = Number(age ?? 0) / 1000;
  if (Number(ready) === 0 || Number(held) > 0 || waiting < patience) return [];
  const jobs = `${pipeline}: ${Number(ready)} ready, the oldest added ${Math.round(waiting)} s ago`;
  if (paused !== null) {
    const until = Number(paused) >= FOR_EVER ? 'until it is resumed' : 'for a time';
    return [{ finding: `${jobs}, and it is paused ${until}.`, remedy: `job-queue resume ${pipeline}` }];
  }
  return [
    {
      finding: `${jobs}, and no worker holds a job of it.`,
      remedy: 'Start a worker with a handler for it, or look at the log of the one that should work on it.',
    },
  ];
}
