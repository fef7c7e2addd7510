import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import { Report } from './reports/report';

export const FILE = join(__dirname, '..', 'out', 'reports.sqlite');

/** One SQLite file for both processes: the reports, their progress and the jobs. One of them makes the tables. */
export function databaseOptions({ synchronize }: { synchronize: boolean }): DataSourceOptions {
  mkdirSync(join(FILE, '..'), { recursive: true });
  return { type: 'better-sqlite3', database: FILE, enableWAL: true, entities: [Report], synchronize };
}
