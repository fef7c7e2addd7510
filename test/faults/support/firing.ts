import { openBackend } from '../../../lib/backends/open-backend';
import { sleep } from '../../../lib/core/time/sleep';

/** Works on a pipeline without jobs, and so fires the queue's schedules, until it is killed. */
async function fire(): Promise<void> {
  const { JOB_QUEUE_URL = '' } = process.env;
  const backend = await openBackend(JOB_QUEUE_URL);
  await backend.connect();
  const leases = await backend.lease(['without-jobs']);
  console.log('Fires');
  const never = new AbortController().signal;
  for (;;) await leases.reserve(1, 30, never).catch(() => sleep(0.1));
}

void fire();
