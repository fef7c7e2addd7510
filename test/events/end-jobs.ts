import type { QueueBackend } from '../../lib/core/contract/backend';
import type { Keep } from '../../lib/core/contract/ports/history';
import { newJob } from '../../lib/core/policy/job-options';
import { put } from '../support/put';

/** Jobs that end one after the other, and are kept; their ids in this order. */
export async function endJobs(
  backend: QueueBackend,
  pipeline: string,
  count: number,
  keep: Keep = { for: 3600 },
): Promise<string[]> {
  const leases = await backend.lease([pipeline]);
  const ids = await put(
    backend,
    pipeline,
    Array.from({ length: count }, () => newJob('1')),
  );
  for (let ended = 0; ended < count; ended += 1) {
    const [job] = await leases.reserve(1, 5, new AbortController().signal);
    await leases.settle([{ job: job!, outcome: 'delete', keep }], 0);
  }
  await leases.close();
  return ids;
}
