import BetterSqlite from 'better-sqlite3';
import { askMysql, askPostgres } from '../test/support/ask';

/** Rows of one statement. */
const PIECE = 100_000;
/** Of no job that comes after them. */
const FIRST_ID = 1_000_000_000_000;

/** Writes so many kept jobs of a pipeline into the queue's table, as a million ends would have done. */
export async function keepRows(url: string, pipeline: string, rows: number): Promise<void> {
  const scheme = url.slice(0, url.indexOf(':'));
  for (let first = 0; first < rows; first += PIECE) {
    const count = Math.min(PIECE, rows - first);
    switch (scheme) {
      case 'postgres':
        await askPostgres(url, insert(pipeline, first, `generate_series(0, ${count - 1}) numbers (n)`));
        break;
      case 'mysql':
        await askMysql(url, insert(pipeline, first, `(${digits(count)}) numbers`));
        break;
      case 'sqlite':
        keepInFile(url.slice('sqlite:'.length), insert(pipeline, first, `(${counting(count)}) numbers`));
        break;
      default:
        throw new Error(`${scheme} keeps no jobs`);
    }
  }
}

/** They ended in the last weeks, one after the other, and have what such a row usually has. */
function insert(pipeline: string, first: number, numbers: string): string {
  const at = `${Date.now() - 30 * 86_400_000} + (${first} + n) * 1000`;
  return `insert into job_queue_jobs_done
  (id, pipeline, outcome, payload, result, priority, attempts, added_at, started_at, ended_at, worker)
select ${FIRST_ID + first} + n, '${pipeline}', 'completed',
  '{"at":1732700000000,"number":12345,"to":"ann@example.com","subject":"Your order has left our house today"}',
  '{"delivered":12345}', 1024, 1, ${at}, ${at}, ${at}, 'host:1234' from ${numbers}`;
}

function digits(count: number): string {
  const digit = `(${Array.from({ length: 10 }, (_, n) => `select ${n} as d`).join(' union all ')})`;
  const places = Array.from({ length: String(count - 1).length }, (_, place) => place);
  const sum = places.map((place) => `d${place}.d * ${10 ** place}`).join(' + ');
  const from = places.map((place) => `${digit} d${place}`).join(' cross join ');
  return `select ${sum} as n from ${from} where ${sum} < ${count}`;
}

function counting(count: number): string {
  return `with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n < ${count - 1}) select n from numbers`;
}

function keepInFile(path: string, sql: string): void {
  const database = new BetterSqlite(path, { timeout: 10_000 });
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}
