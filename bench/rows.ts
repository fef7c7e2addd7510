import BetterSqlite from 'better-sqlite3';
import { askMysql, askPostgres } from '../test/support/ask';

/** Rows of one statement. */
const PIECE = 100_000;

/** An insert of rows from `numbers`, which has the numbers `n` from 0 on: `first` rows are there already. */
export type Insert = (numbers: string, first: number) => string;

/** Writes so many rows past the queue, in pieces: to add them one by one would take minutes. */
export async function writeRows(url: string, rows: number, insert: Insert): Promise<void> {
  const scheme = url.slice(0, url.indexOf(':'));
  for (let first = 0; first < rows; first += PIECE) {
    const count = Math.min(PIECE, rows - first);
    switch (scheme) {
      case 'postgres':
        await askPostgres(url, insert(`generate_series(0, ${count - 1}) numbers (n)`, first));
        break;
      case 'mysql':
        await askMysql(url, insert(`(${digits(count)}) numbers`, first));
        break;
      case 'sqlite':
        writeInFile(url.slice('sqlite:'.length), insert(`(${counting(count)}) numbers`, first));
        break;
      default:
        throw new Error(`${scheme} has no rows`);
    }
  }
}

/** The next job gets an id behind that one. */
export async function passIds(url: string, last: number): Promise<void> {
  const scheme = url.slice(0, url.indexOf(':'));
  switch (scheme) {
    case 'postgres':
      await askPostgres(url, `select setval(pg_get_serial_sequence('job_queue_jobs', 'id'), ${last})`);
      break;
    case 'mysql':
      await askMysql(url, `alter table job_queue_jobs auto_increment = ${last + 1}`);
      break;
    case 'sqlite':
      writeInFile(
        url.slice('sqlite:'.length),
        `update sqlite_sequence set seq = ${last} where name = 'job_queue_jobs'`,
      );
      break;
    default:
      throw new Error(`${scheme} has no ids of jobs`);
  }
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

function writeInFile(path: string, sql: string): void {
  const database = new BetterSqlite(path, { timeout: 10_000 });
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}
