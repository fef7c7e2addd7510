import { BackendRefusedError } from '../../../core/contract/errors';
import { SILENCE } from '../../../core/contract/ports/registry';
import { printableName, type SqlPatient } from './sql-check';

interface WorkerRow {
  readonly host: string | null;
  readonly pid: string | number | null;
  readonly pipelines: string | null;
}

/** The processes that run workers, as the registry knows them. */
export interface LivingWorkers {
  /** Undefined where this role may not read the registry. */
  readonly processes: number | undefined;
  /** Who works on that pipeline, as `process 4711 on "web-1"`. */
  of(pipeline: string): readonly string[];
}

export async function livingWorkers(patient: SqlPatient): Promise<LivingWorkers> {
  const rows = await workerRows(patient);
  const byPipeline = new Map<string, string[]>();
  for (const { host, pid, pipelines } of rows ?? []) {
    const who = `process ${Number(pid)} on ${printableName(host ?? '')}`;
    for (const name of (pipelines ?? '').split(' '))
      byPipeline.set(name, [...(byPipeline.get(name) ?? []), who]);
  }
  return { processes: rows?.length, of: (pipeline) => byPipeline.get(pipeline) ?? [] };
}

async function workerRows({ db, table, dialect: { now } }: SqlPatient): Promise<WorkerRow[] | undefined> {
  try {
    return await db.rows<WorkerRow>(
      `select host, pid, pipelines from ${table.side('workers')} where seen_at > ${now} - ${SILENCE * 1000} order by started_at, id`,
    );
  } catch (error) {
    if (!(error instanceof BackendRefusedError)) throw error;
    return undefined;
  }
}
