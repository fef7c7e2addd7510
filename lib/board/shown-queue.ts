import type { QueueBackend } from '../core/contract/backend';
import type { PayloadCodec } from '../core/payload/payload-codec';
import type { JobQueueService } from '../nest/service/job-queue.service';

/** A queue of the application, whose pipelines are shown. */
export interface ShownQueue {
  readonly name: string;
  readonly queue: JobQueueService;
  readonly backend: QueueBackend;
  readonly codec: PayloadCodec;
}
