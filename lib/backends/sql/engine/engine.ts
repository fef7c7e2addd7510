import { isJobNumber } from '../../../core/contract/job-id';
import type { SqlDialect } from './dialect';
import type { Lookout } from './lookout';

/** What works on the table while the backend is connected. */
export interface Engine {
  readonly dialect: SqlDialect;
  readonly lookout: Lookout;
}

/** Does in the table what time has done already. */
export async function catchUp({ dialect, lookout }: Engine): Promise<SqlDialect> {
  const { pipelines } = await dialect.promote([]);
  lookout.announce([...new Set(pipelines)].map((pipeline) => ({ pipeline })));
  return dialect;
}

export function isId(id: unknown): boolean {
  return isJobNumber(id, 2n ** 63n - 1n);
}
