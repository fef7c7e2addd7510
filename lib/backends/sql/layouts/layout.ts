import { createHash } from 'node:crypto';
import type { SqlSession } from '../connection/executor';
import type { JobTable } from './job-table';

/** The layout that this version of the library makes and needs. */
export const NEWEST_LAYOUT = 2;

/** One step in the history of the queue's tables. */
export interface Layout {
  readonly version: number;
  /** From the layout before it, in order. Jobs stay, and workers of the layout before go on. */
  readonly up: readonly string[];
  /** Back to the layout before it; jobs stay, but for layout 1, which takes all with it. */
  readonly down: readonly string[];
}

/** A function in the database. It is made anew whenever its text is another one than the library's. */
export interface DatabaseFunction {
  /** Its name with the types of its arguments. */
  readonly signature: string;
  readonly create: string;
  /** Stands in the text of this version of it, and of no other one. */
  readonly mark: string;
}

/** What the database has under the name of the jobs table. */
export interface FoundTable {
  readonly columns: readonly string[];
  /** Why the queue cannot use such a table, as the end of a sentence about it. */
  readonly obstacle?: string;
}

/** All that one database's tables and functions have been, and are. */
export interface TableHistory {
  /** Layout 1 first, none left out. */
  readonly layouts: readonly Layout[];
  readonly functions: readonly DatabaseFunction[];
  found(db: SqlSession): Promise<FoundTable | undefined>;
  /** The text of a function; undefined when there is none. */
  sourceOf?(db: SqlSession, signature: string): Promise<string | undefined>;
  /** Whether somebody else has just done the same: where each statement commits by itself, that is no failure. */
  isDone?(error: unknown): boolean;
}

/** The statements that lead from a layout (0: none) to the newest one. */
export function upgradeFrom({ layouts, functions }: TableHistory, table: JobTable, from: number): string[] {
  const newer = layouts.filter(({ version }) => version > from);
  return [...newer.flatMap((layout) => layoutUp(layout, table)), ...functions.map(({ create }) => create)];
}

/** One layout, with its version noted. Layout 1 notes its own before it makes the jobs table. */
export function layoutUp({ version, up }: Layout, table: JobTable): string[] {
  return version === 1 ? [...up] : [...up, noteVersion(table, version)];
}

export function layoutDown({ version, down }: Layout, table: JobTable): string[] {
  return version === 1 ? [...down] : [...down, noteVersion(table, version - 1)];
}

function noteVersion({ schema }: JobTable, version: number): string {
  return `update ${schema} set version = ${version}`;
}

/** Marks the text between the `$function$`s, so that a function of another text is known by its source. */
export function databaseFunction(signature: string, text: string): DatabaseFunction {
  const mark = `job queue ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  return { signature, mark, create: text.replace('$function$', `$function$ -- ${mark}`) };
}
