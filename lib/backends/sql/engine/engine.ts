import { isJobNumber } from '../../../core/contract/job-id';
import type { SqlDialect } from './dialect';
import type { Readiness } from './readiness';

/** What works on the table while the backend is connected. */
export interface Engine {
  readonly dialect: SqlDialect;
  readonly readiness: Readiness;
}

/** Does in the table what time has done already. */
export async function catchUp({ dialect, readiness }: Engine): Promise<SqlDialect> {
  const { pipelines } = await dialect.stage({ limit: 10_000, passedOver: [], waiting: [] });
  readiness.announce([...new Set(pipelines)]);
  return dialect;
}

export function isId(id: unknown): boolean {
  return isJobNumber(id, 2n ** 63n - 1n);
}
