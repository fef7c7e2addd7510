import type { Leased } from '../../../core/contract/job-data';
import type { SqlDialect } from '../engine/dialect';
import { wasLost } from './lone-run';

export async function wasLostAlone(
  { db, table }: Pick<SqlDialect, 'db' | 'table'>,
  { id }: Leased,
): Promise<boolean> {
  const noted = await db.rows(`select 1 as noted from ${table.jobs} where id = ? and ${wasLost}`, [id]);
  return noted.length === 1;
}
