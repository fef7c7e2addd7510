import type { Examined } from '../../lib/core/contract/examination';
import { CommandLine } from './command-line';

/** What `job-queue doctor` finds, by what it looked at: `{ vacuum: ['autovacuum is off for …'] }`. */
export async function found(url: string, ...args: string[]): Promise<Record<string, string[]>> {
  const { code, stdout, stderr } = await new CommandLine(url).run(['doctor', '--json', ...args]);
  if (stdout === '') throw new Error(`The doctor has said nothing but: ${stderr}`);
  const examined = JSON.parse(stdout) as Examined[];
  const ill = examined.filter(({ findings }) => findings.length > 0);
  expect(code).toBe(ill.length === 0 ? 0 : 1);
  for (const { findings } of ill) for (const { remedy } of findings) expect(remedy).not.toBe('');
  return Object.fromEntries(
    ill.map(({ about, findings }) => [about, findings.map(({ finding }) => finding)]),
  );
}

/** What it looked at. */
export async function lookedAt(url: string): Promise<Record<string, string>> {
  const examined = JSON.parse((await new CommandLine(url).run(['doctor', '--json'])).stdout) as Examined[];
  return Object.fromEntries(examined.map(({ about, seen }) => [about, seen]));
}

/** A schedule and a job as they are after an hour without a worker. */
export const LEFT_ALONE = {
  job: (pipeline: string, hourAgo: string) =>
    `insert into job_queue_jobs (pipeline, payload, state, priority, added_at) values ('${pipeline}', 'null', 'ready', 0, ${hourAgo})`,
  schedule: (hourAgo: string) =>
    `insert into job_queue_jobs_schedules (name, pipeline, every_ms, next_at, source) values ('nightly', 'mail', 60000, ${hourAgo}, 'api')`,
  pause: (pipeline: string) =>
    `insert into job_queue_jobs_pauses (pipeline, paused_until) values ('${pipeline}', 8640000000000000)`,
  /** Written by another program. */
  foreign: [
    `insert into job_queue_jobs (pipeline, payload, state, priority, ttr_ms) values ('my mail', 'null', 'ready', 0, 60000)`,
    `insert into job_queue_jobs (pipeline, payload, state, priority, due_at) values ('later', 'null', 'reserved', 0, 8000000000000)`,
    `insert into job_queue_jobs_keys (pipeline, unique_key) values ('mail', 'key ')`,
  ],
};

const any = (text: RegExp) => expect.stringMatching(text) as string;

/** What it finds then. */
export const FOUND_ALONE = {
  pipelines: [
    any(/^held: 1 ready, the oldest added 3\d{3} s ago, and it is paused until it is resumed/),
    any(/^mail: 1 ready, the oldest added 3\d{3} s ago, and no worker holds a job of it/),
  ],
  schedules: [any(/^The schedule "nightly" is 3\d{3} s late/)],
  rows: [
    any(/^Names that no pipeline can have: 1, as "my mail"/),
    any(/^Jobs that are reserved by nobody: 1/),
    any(/^Unique keys that are empty or end in a space/),
  ],
};
