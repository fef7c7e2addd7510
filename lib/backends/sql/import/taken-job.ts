import { createHash } from 'node:crypto';
import { MAX_UINT32 } from '../../../core/checks/checks';
import { isPipelineName } from '../../../core/contract/pipeline-name';
import { DEFAULT_TTR } from '../../../core/policy/job-options';
import type { UniqueRow } from '../engine/dialect';
import type { OldJob } from './old-jobs';

/** For that long no second run takes the same job over, done or not. */
const REMEMBERED = 365 * 86_400;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A job as it is to be here. */
export interface TakenJob {
  readonly row: UniqueRow;
  readonly state: 'ready' | 'delayed' | 'buried';
  readonly addedAt: number;
  readonly attempts: number;
  readonly buriedAt: number;
  readonly isJson: boolean;
  /** False when the old one is none that a job can have. */
  readonly keepsTtr: boolean;
}

/** What an old job becomes at that moment, or why it cannot be taken over. */
export function takenJob(
  old: OldJob,
  table: string,
  renamed: ReadonlyMap<string, string>,
  now: number,
): TakenJob | string {
  const pipeline = renamed.get(old.pipeline) ?? old.pipeline;
  if (!isPipelineName(pipeline))
    return 'no pipeline can have this name: give it another one with --rename old=new';
  const payload = textOf(old.payload);
  if (payload === undefined) return 'the payload is not UTF-8';
  const buried = Number(old.buried) === 1;
  const due = dueOf(old);
  const delay = buried ? 0 : Math.max(0, due - now) / 1000;
  const ttr = ttrOf(old);
  return {
    row: {
      ...{ pipeline, payload, delay },
      priority: between(Number(old.priority), 0, MAX_UINT32),
      ttr: ttr ?? DEFAULT_TTR,
      unique: { key: keyOf(old, table, payload), onConflict: 'keep', until: 'done', for: REMEMBERED },
    },
    state: buried ? 'buried' : delay > 0 ? 'delayed' : 'ready',
    addedAt: Math.max(0, Number(old.added)),
    // The library counts a reservation when it begins.
    attempts: Math.max(0, Number(old.attempts) - Number(old.reserved)),
    buriedAt: Number(old.buried_at ?? old.added),
    isJson: isJson(payload),
    keepsTtr: ttr !== undefined,
  };
}

/** Undefined where the time to retry is missing, lies less than a second after the job was added, or more than 136 years. */
function ttrOf({ added, retry }: OldJob): number | undefined {
  const seconds = Math.trunc((Number(retry ?? NaN) - Number(added)) / 1000);
  return seconds >= 1 && seconds <= MAX_UINT32 ? seconds : undefined;
}

/** A second attempt has to wait for its time; one that a worker holds waits no longer, because that one is gone. */
function dueOf({ attempts, send, retry }: OldJob): number {
  const again = Number(attempts) > 0 ? Number(retry ?? 0) : 0;
  return Math.max(Number(send), again);
}

/** The same for the same job in each run. In the order of the ids, which is that of equal priorities. */
function keyOf({ id, added, pipeline }: OldJob, table: string, payload: string): string {
  const what = createHash('sha256')
    .update(JSON.stringify([added, pipeline, payload]))
    .digest('hex')
    .slice(0, 16);
  return `simple-job-queue ${table.slice(0, 64)} ${String(id).padStart(20, '0')} ${what}`;
}

function textOf(payload: string | Uint8Array): string | undefined {
  if (typeof payload === 'string') return payload;
  try {
    return UTF8.decode(payload);
  } catch {
    return undefined;
  }
}

function between(number: number, least: number, most: number): number {
  return Math.min(Math.max(Math.trunc(number) || 0, least), most);
}

function isJson(payload: string): boolean {
  try {
    JSON.parse(payload);
    return true;
  } catch {
    return false;
  }
}
