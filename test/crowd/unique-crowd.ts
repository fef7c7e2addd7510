import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DataSourceOptions } from '../support/application-databases';

const TYPESCRIPT = join(__dirname, '../nest/typescript.cjs');
const END_WITH_PARENT = join(__dirname, '../support/end-with-parent.cjs');
const PROCESS = join(__dirname, 'unique-process.ts');

/** What each process does. */
export interface Task {
  /** The backend's. */
  readonly url: string;
  readonly pipeline: string;
  readonly keys: number;
  /** How often it puts each key, and how many of these at once. */
  readonly times: number;
  readonly atOnce: number;
  /** Each in a transaction of this database, of which every second one is rolled back. */
  readonly transactions?: DataSourceOptions;
}

/** What a process was told, by key. */
export interface Account {
  readonly ids: Record<string, string[]>;
  readonly added: Record<string, number>;
  readonly errors: string[];
}

/** Lets so many processes do it at the same time; resolves with what each was told. */
export async function uniqueCrowd(processes: number, task: Task): Promise<Account[]> {
  const started = Array.from({ length: processes }, () =>
    spawn(process.execPath, ['--require', END_WITH_PARENT, '--require', TYPESCRIPT, PROCESS], {
      stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
      env: { PATH: process.env.PATH, NO_COLOR: '1' },
    }),
  );
  try {
    await Promise.all(started.map((child) => once(child, 'message')));
    return await Promise.all(started.map((child) => told(child, task)));
  } finally {
    for (const child of started) child.kill('SIGKILL');
  }
}

async function told(child: ChildProcess, task: Task): Promise<Account> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('A process has ended by itself')));
  // It ends when it has told.
  ended.catch(() => undefined);
  const answer = once(child, 'message');
  child.send(task);
  const [account] = (await Promise.race([answer, ended])) as [Account];
  return account;
}
