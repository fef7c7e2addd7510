import { SILENCE, type WorkerProcess } from '../../../core/contract/ports/registry';
import type { SqlDialect } from '../engine/dialect';

interface WorkerRow {
  readonly id: string;
  readonly host: string | null;
  readonly pid: number | null;
  readonly version: string | null;
  /** Separated by spaces. */
  readonly pipelines: string | null;
  readonly concurrency: number | null;
  readonly running: number | null;
  readonly started_at: number | string;
  readonly seen_at: number | string;
}

/** The processes that run workers and have been heard of just now, the oldest first. */
export async function livingWorkers({ db, now, table }: SqlDialect): Promise<WorkerProcess[]> {
  const rows = await db.rows<WorkerRow>(
    `select id, host, pid, version, pipelines, concurrency, running, started_at, seen_at from ${table.side('workers')}
where seen_at > ${now} - ${SILENCE * 1000} order by started_at, id`,
  );
  return rows.map(workerProcess);
}

function workerProcess(row: WorkerRow): WorkerProcess {
  const { id, host, pid, version, pipelines, concurrency, running, started_at, seen_at } = row;
  return {
    id,
    host: host ?? '',
    pid: Number(pid),
    ...(version !== null && { version }),
    pipelines: (pipelines ?? '').split(' ').filter((name) => name !== ''),
    concurrency: Number(concurrency),
    running: Number(running),
    startedAt: new Date(Number(started_at)),
    seenAt: new Date(Number(seen_at)),
  };
}
