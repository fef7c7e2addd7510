import { inspect } from 'node:util';
import type { OptionNames } from '../core/checks/options';
import type { Seconds } from '../core/contract/job-data';
import type { PayloadCodec } from '../core/payload/payload-codec';
import type { PutJob } from './test-backend';

/** A job as the application added it. */
export interface AddedJob<T = unknown> {
  readonly pipeline: string;
  readonly payload: T;
  readonly priority: number;
  readonly delay: Seconds;
  readonly ttr: Seconds;
  /** Its unique key, if it has one. */
  readonly unique?: string;
}

export function addedJob<T>(
  { pipeline, payload, priority, delay, ttr, unique }: PutJob,
  codec: PayloadCodec,
): AddedJob<T> {
  const job = { pipeline, payload: codec.decode(payload) as T, priority, delay, ttr };
  return unique ? { ...job, unique: unique.key } : job;
}

/** What a test expects of a job beside its payload. */
export type ExpectedOptions = Partial<Pick<AddedJob, 'priority' | 'delay' | 'ttr' | 'unique'>>;

export const EXPECTED_OPTIONS: OptionNames<ExpectedOptions> = {
  priority: true,
  delay: true,
  ttr: true,
  unique: true,
};

/** With those options that were asked for. */
export function listOf(added: readonly AddedJob[], asked: ExpectedOptions = {}): string {
  if (added.length === 0) return 'Nothing was added.';
  const names = Object.keys(asked) as (keyof ExpectedOptions)[];
  const lines = added.map((job) => {
    const options = names.map((name) => `, ${name} ${textOf(job[name])}`);
    return `  ${job.pipeline}: ${textOf(job.payload)}${options.join('')}`;
  });
  return `These were:\n${lines.join('\n')}`;
}

function textOf(payload: unknown): string {
  try {
    return JSON.stringify(payload);
  } catch {
    return inspect(payload, { breakLength: Infinity });
  }
}
