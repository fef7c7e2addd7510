import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { askMysql, askPostgres } from '../test/support/ask';

/** Linux counts processor time in hundredths of a second, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Processor time of a server and its children so far; undefined where there is no /proc. */
export async function cpuSecondsOf(pid: number): Promise<number | undefined> {
  try {
    const ticks = await Promise.all([pid, ...childrenOf(pid)].map(ticksOf));
    return ticks.reduce((sum, some) => sum + some, 0) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** How many statements (PostgreSQL: transactions) the server has had; undefined where it does not count them. */
export async function queriesOf(url: string): Promise<number | undefined> {
  if (url.startsWith('postgres:')) {
    const sql = `select xact_commit + xact_rollback as queries from pg_stat_database where datname = current_database()`;
    return Number((await askPostgres(url, sql))[0]?.['queries']);
  }
  if (url.startsWith('mysql:')) {
    const [row] = await askMysql(url, `show global status like 'Questions'`);
    return Number(row?.['Value']);
  }
  return undefined;
}

/** What the tables of the database take on disk, in megabytes; nothing where that is not told. */
export async function sizeOf(url: string): Promise<{ table: number; indexes: number } | undefined> {
  if (!url.startsWith('postgres:')) return undefined;
  const sql = `select sum(pg_table_size(oid)) / 1e6 as "table", sum(pg_indexes_size(oid)) / 1e6 as indexes
from pg_class where relkind = 'r' and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`;
  const [row] = await askPostgres(url, sql);
  return { table: Number(row?.['table']), indexes: Number(row?.['indexes']) };
}

function childrenOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    // It answers 1 when there is none.
    return [];
  }
}

async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name before it is in brackets and may hold spaces; then come state and ten numbers, then these four.
  const times = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  // Its own, and those of children that have ended: PostgreSQL's autovacuum comes and goes.
  return times.reduce((sum, some) => sum + some, 0);
}
