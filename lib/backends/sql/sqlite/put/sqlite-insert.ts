import { milliseconds } from '../../../../core/checks/checks';
import type { NewRow } from '../../engine/dialect';
import type { JobTable } from '../../layouts/job-table';
import { SQLITE_NOW } from '../sqlite-layouts';

type Insert = [sql: string, parameters: unknown[]];

/** One statement for all rows; lists travel as one parameter, so that its text does not grow with them. */
export function sqliteInsert({ jobs }: JobTable, rows: readonly NewRow[]): Insert {
  const [first] = rows;
  const alike = first && rows.every((row) => isAlike(row, first)) ? first : undefined;
  // Either all rows have unique keys or none.
  const keyed = first?.unique !== undefined;
  const [values, parameters] = alike ? alikeRows(alike, rows, keyed) : mixedRows(rows, keyed);
  return [
    `insert into ${jobs} (pipeline, payload, priority, ttr_ms, retry, state, due_at${alike ? '' : ', headers'}${keyed ? ', unique_key' : ''}) ${values}`,
    parameters,
  ];
}

/** Jobs that are added together are mostly alike and have no headers: then only their payloads have to be taken apart. */
function alikeRows(alike: NewRow, rows: readonly NewRow[], keyed: boolean): Insert {
  const due = alike.delay > 0 ? `'delayed', ${SQLITE_NOW} + ?` : `'ready', null`;
  const options = [
    alike.priority,
    milliseconds(alike.ttr),
    alike.retry ?? null,
    ...(alike.delay > 0 ? [milliseconds(alike.delay)] : []),
  ];
  if (rows.length === 1) {
    const key = alike.unique ? [alike.unique.key] : [];
    return [
      `values (?, ?, ?, ?, ?, ${due}${keyed ? ', ?' : ''})`,
      [alike.pipeline, alike.payload, ...options, ...key],
    ];
  }
  if (!keyed) {
    return [
      `select ?, value, ?, ?, ?, ${due} from json_each(?) where true order by key`,
      [alike.pipeline, ...options, JSON.stringify(rows.map((row) => row.payload))],
    ];
  }
  // As an object, whose keys no row shares: a list of pairs would be parsed once more for each field.
  let pairs = '';
  for (const { unique, payload } of rows)
    pairs += `${pairs === '' ? '' : ','}${JSON.stringify(unique?.key)}:${JSON.stringify(payload)}`;
  return [
    `select ?, value, ?, ?, ?, ${due}, key from json_each(?) where true order by id`,
    [alike.pipeline, ...options, `{${pairs}}`],
  ];
}

function mixedRows(rows: readonly NewRow[], keyed: boolean): Insert {
  const list = rows.map((row) => [
    row.pipeline,
    row.payload,
    row.priority,
    milliseconds(row.ttr),
    row.retry ?? null,
    milliseconds(row.delay),
    row.headers ?? null,
    row.unique?.key,
  ]);
  const due = `iif(${fieldAt(5)} > 0, 'delayed', 'ready'), iif(${fieldAt(5)} > 0, ${SQLITE_NOW} + ${fieldAt(5)}, null), ${fieldAt(6)}`;
  return [
    `select ${fieldAt(0)}, ${fieldAt(1)}, ${fieldAt(2)}, ${fieldAt(3)}, ${fieldAt(4)}, ${due}${keyed ? `, ${fieldAt(7)}` : ''}
from json_each(?) where true order by key`,
    [JSON.stringify(list)],
  ];
}

function isAlike(one: NewRow, other: NewRow): boolean {
  return (
    one.pipeline === other.pipeline &&
    one.priority === other.priority &&
    one.delay === other.delay &&
    one.ttr === other.ttr &&
    one.retry === other.retry &&
    one.headers === undefined
  );
}

/** One field of a row in a list that travels as JSON. (The shorter `->>` came with 3.38.) */
export function fieldAt(field: number): string {
  return `json_extract(value, '$[${field}]')`;
}
