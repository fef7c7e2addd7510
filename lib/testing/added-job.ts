import { inspect } from 'node:util';
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

export function listOf(added: readonly AddedJob[]): string {
  if (added.length === 0) return 'Nothing was added.';
  return `These were:\n${added.map(({ pipeline, payload }) => `  ${pipeline}: ${textOf(payload)}`).join('\n')}`;
}

function textOf(payload: unknown): string {
  try {
    return JSON.stringify(payload);
  } catch {
    return inspect(payload, { breakLength: Infinity });
  }
}
