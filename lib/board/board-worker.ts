import type { QueueWorker } from '@bull-board/api/typings/app';
import type { WorkerProcess } from '../core/contract/ports/registry';

/** A process as bull-board takes it. The page has no other place for what it does. */
export function bullWorkerOf({ id, host, pid, startedAt, running, concurrency }: WorkerProcess): QueueWorker {
  return {
    id,
    name: `${running} of ${concurrency} running`,
    addr: `${host}, process ${pid}`,
    age: Math.max(0, Math.round((Date.now() - startedAt.getTime()) / 1000)),
  };
}
