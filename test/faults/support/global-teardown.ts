import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { MYSQL_NOT_RUN_VARIABLE } from '../../support/test-servers';
import { readRows, ROWS_VARIABLE, tableOf } from './row';

export default function printTable(): void {
  const file = process.env[ROWS_VARIABLE];
  if (file === undefined) return;
  delete process.env[ROWS_VARIABLE];
  const rows = readRows(file);
  rmSync(dirname(file), { recursive: true });
  if (rows.length > 0) process.stdout.write(`\n${tableOf(rows)}\n\n`);
  const { [MYSQL_NOT_RUN_VARIABLE]: why } = process.env;
  if (why !== undefined) process.stdout.write(`not run: MySQL (${why})\n\n`);
}
