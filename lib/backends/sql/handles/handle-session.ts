import { InvalidJobOptionError } from '../../../core/contract/errors';
import type { SqlSession } from '../connection/executor';
import type { Handle } from './handle';
import { rowsOf } from './rows-of';

/** A statement and its values, as a library can bind them. */
export type Binding = (sql: string, values: readonly unknown[]) => readonly [string, readonly unknown[]];

const ROWS = /^\s*(?:select|with|show|pragma)\b|\breturning\b/i;

/** Statements in a transaction of the application's, by the library that has begun it. */
export class HandleSession implements SqlSession {
  constructor(
    private readonly handle: Handle,
    private readonly binding: Binding,
  ) {}

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const yieldsRows = ROWS.test(sql);
    const answer = await this.handle.ask(...this.binding(sql, parameters), yieldsRows);
    if (!yieldsRows) return [];
    const rows = rowsOf(answer);
    if (rows) return rows.map((row) => readable<Row>(row));
    throw new InvalidJobOptionError(
      `transaction (${this.handle.library}) does not answer a query with a list of rows: let its query() resolve with the rows; where the library has its own, this release of it is not known here`,
    );
  }

  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    const answer = await this.handle.ask(...this.binding(sql, parameters), false);
    return changedBy(answer);
  }
}

/** Libraries give large numbers as BigInt, some give each one so. */
function readable<Row extends object>(row: object): Row {
  const entries = Object.entries(row).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'bigint' ? numberOrText(value) : value,
  ]);
  return Object.fromEntries(entries) as Row;
}

function numberOrText(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

const COUNTS = ['affectedRows', 'numAffectedRows', 'rowCount', 'changes', 'count'];

/** How many rows a change has touched, by the name that the library has for it. */
function changedBy(answer: unknown): number {
  if (typeof answer === 'number') return answer;
  const result: unknown = Array.isArray(answer) && !('count' in answer) ? answer[0] : answer;
  const counts = result as Record<string, unknown> | null | undefined;
  const name = COUNTS.find((each) => counts?.[each] !== undefined);
  return name === undefined ? 0 : Number(counts?.[name]);
}
