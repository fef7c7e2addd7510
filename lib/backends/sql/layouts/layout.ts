import { createHash } from 'node:crypto';
import type { SqlSession } from '../connection/executor';
import type { JobTable } from './job-table';

/** The layout that this version of the library makes and needs. */
export const NEWEST_LAYOUT = 3;

/** One step in the history of the queue's tables. */
export interface Layout {
  readonly version: number;
  /** From the layout before it, in order. Jobs stay, and workers of the layout before it go on. */
  readonly up: readonly string[];
  /** Back to the layout before it. Jobs stay, except for layout 1, which drops everything. */
  readonly down: readonly string[];
}

/** A function in the database. It is replaced whenever its text differs from the library's. */
export interface DatabaseFunction {
  /** Its name with the types of its arguments. */
  readonly signature: string;
  readonly create: string;
  /** Part of the text of this version of it, and of no other. */
  readonly mark: string;
}

/** What the database has under the name of the jobs table. */
export interface FoundTable {
  readonly columns: readonly string[];
  /** Why the queue cannot use such a table; completes a sentence about it. */
  readonly obstacle?: string;
}

/** The queue's tables and functions in one database: every layout they have had. */
export interface TableHistory {
  /** Every layout, layout 1 first. */
  readonly layouts: readonly Layout[];
  readonly functions: readonly DatabaseFunction[];
  /** Throws `BackendRefusedError` where this role may not see what is in the tables. */
  found(db: SqlSession): Promise<FoundTable | undefined>;
  /** The text of a function; undefined when there is none. */
  sourceOf?(db: SqlSession, signature: string): Promise<string | undefined>;
  /** Whether another process has just done the same, which is no failure where each statement commits by itself. */
  isDone?(error: unknown): boolean;
}

/** The statements that lead from a layout (0: none) to the newest one. */
export function upgradeFrom({ layouts, functions }: TableHistory, table: JobTable, from: number): string[] {
  const newer = layouts.filter(({ version }) => version > from);
  return [...newer.flatMap((layout) => layoutUp(layout, table)), ...functions.map(({ create }) => create)];
}

/** The statements of one layout, its number written down. Layout 1 does so before it makes the jobs table. */
export function layoutUp({ version, up }: Layout, table: JobTable): string[] {
  return version === 1 ? [...up] : [...up, noteVersion(table, version)];
}

export function layoutDown({ version, down }: Layout, table: JobTable): string[] {
  return version === 1 ? [...down] : [...down, noteVersion(table, version - 1)];
}

function noteVersion({ schema }: JobTable, version: number): string {
  return `update ${schema} set version = ${version}`;
}

/** Marks the text between the `$function$`s, so that the source of a function shows whether its text differs. */
export function databaseFunction(signature: string, text: string): DatabaseFunction {
  const mark = `job queue ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  return { signature, mark, create: text.replace('$function$', `$function$ -- ${mark}`) };
}
