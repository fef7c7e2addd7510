import type { QueueJob, QueueJobJson } from '@bull-board/api/typings/app';
import { read } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import type { JobId, StoredJob } from '../../core/contract/job-data';
import type { JobQueueService } from '../../nest/service/job-queue.service';
import { parsed } from '../bull-options';
import type { PayloadView } from './payload-view';

/** What the buttons of a job work with. */
export interface BoardParts {
  readonly queue: JobQueueService;
  /** What the service does not show: the stored texts of jobs. */
  readonly backend: QueueBackend;
  readonly view: PayloadView;
  /** Forgets what was read: the page reads anew after each button. */
  readonly changed: () => void;
}

/** bull-board reads the id, though its type does not have it. */
export type ShownJob = QueueJob & { readonly id: JobId };

/** The title of a job on the page. */
export function nameOf({ pipeline, headers }: Pick<StoredJob, 'pipeline' | 'headers'>): string {
  const schedule = headers === undefined ? undefined : read(parsed(headers), 'schedule');
  return typeof schedule === 'string' ? schedule : pipeline;
}

/** bull-board shows a number as a part of 100, and takes no array. */
export function progressOf(progress: unknown): QueueJobJson['progress'] {
  if (Array.isArray(progress)) return { ...(progress as unknown[]) };
  return (progress as QueueJobJson['progress'] | undefined | null) ?? 0;
}
