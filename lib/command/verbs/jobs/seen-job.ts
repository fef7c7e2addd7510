import { messageOf } from '../../../core/checks/text';
import type { QueueBackend } from '../../../core/contract/backend';
import { BackendRefusedError } from '../../../core/contract/errors';
import type { JobId, JobSnapshot } from '../../../core/contract/job-data';
import type { EndedJob } from '../../../core/contract/ports/history';
import { type Journal, type LogLine, MOST_LINES, type Progress } from '../../../core/contract/ports/journal';

/** A job, whether it has ended or not, and what it has said. */
export interface SeenJob extends Said {
  readonly job: JobSnapshot | EndedJob;
}

interface Said {
  readonly progress?: Progress;
  /** The oldest line first. */
  readonly log: readonly LogLine[];
  /** Why it could not be read what the job has said. */
  readonly unread?: string;
}

/** Undefined when the job is neither there nor kept. */
export async function seenJob(queue: QueueBackend, id: JobId): Promise<SeenJob | undefined> {
  const { history, journal } = queue.features;
  // In this order, so that one which ends in between is found.
  const job = (await queue.inspect.find(id)) ?? (await history?.find(id));
  if (!job) return undefined;
  return { job, ...(journal ? await saidBy(id, journal) : { log: [] }) };
}

/** A role that may read jobs, and not what they say, sees the job all the same. */
async function saidBy(id: JobId, journal: Journal): Promise<Said> {
  try {
    const progress = await journal.progress(id);
    return { log: await journal.lines(id, { limit: MOST_LINES }), ...(progress && { progress }) };
  } catch (error) {
    if (!(error instanceof BackendRefusedError)) throw error;
    return { log: [], unread: messageOf(error) };
  }
}

export function hasEnded(job: JobSnapshot | EndedJob): job is EndedJob {
  return 'endedAt' in job;
}
