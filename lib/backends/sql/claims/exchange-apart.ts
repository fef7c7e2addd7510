import { BackendRefusedError } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';
import type { Change, SqlDialect, SqlExchange, SqlExchangeAnswer } from '../engine/dialect';

/** As long as a reason is that has been refused in full. */
const PLAIN_LENGTH = 1000;

/**
 * An exchange of which the server refuses a part costs the others nothing: what ended is settled one by one then, and a
 * burial whose reason the server does not take (its character set has not all of Unicode) gets a plain one. Nothing
 * is claimed meanwhile.
 */
export async function exchangeApart(dialect: SqlDialect, exchange: SqlExchange): Promise<SqlExchangeAnswer> {
  try {
    return await dialect.exchange(exchange);
  } catch (error) {
    if (!(error instanceof BackendRefusedError) || exchange.changes.length === 0) throw error;
  }
  const { deletes, keeps = [], changes } = exchange;
  const settled: JobId[] = [];
  if (deletes.length + keeps.length > 0)
    settled.push(...(await dialect.exchange({ deletes, keeps, changes: [], claim: undefined })).settled);
  for (const change of changes) settled.push(...(await settledAlone(dialect, change)));
  return { settled, claimed: [], more: true };
}

async function settledAlone(dialect: SqlDialect, change: Change): Promise<JobId[]> {
  for (const form of [change, { ...change, reason: plain(change.reason) }]) {
    try {
      return (await dialect.exchange({ deletes: [], changes: [form], claim: undefined })).settled;
    } catch (error) {
      if (!(error instanceof BackendRefusedError)) throw error;
    }
  }
  // Refused in any form: its time runs out, and the table counts that.
  return [];
}

function plain(reason: string | null): string | null {
  // A code point in place of each, so that what follows stays readable.
  return reason?.slice(0, PLAIN_LENGTH).replace(/[^\t\n\x20-\x7e]/gu, '?') ?? null;
}
