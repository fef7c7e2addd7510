import fc from 'fast-check';
import { JobQueueError, type JobQueueService } from '../../lib/index';
import { closeApplications, queueApplication } from '../nest/application';
import { queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { hostile } from './hostile';

/* A payload comes back as it was sent, or is refused: never changed in silence. */

afterEach(closeApplications);

async function thereAndBack(queue: JobQueueService, payload: unknown, pipeline = 'p'): Promise<unknown> {
  await queue.addJob(pipeline, payload);
  const job = await queue.getNextJobAndReserve(pipeline);
  if (!job) throw new Error('The job is gone.');
  await queue.deleteJob(job);
  return job.payload;
}

describe.each(selectedBackends())('%s', (name) => {
  it('returns every JSON value as it was sent', async () => {
    const place = await queuePlaces[name]();
    const { backend, pipeline } = place;
    const { queue } = await queueApplication([], { backend });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }), async (sent) => {
        expect(await thereAndBack(queue, sent, pipeline)).toEqual(sent);
      }),
      { numRuns: 50, seed: 1 },
    );
    await closeApplications();
    await place.remove();
  });
});

it('returns any value as docs/nest.md says, or refuses it', async () => {
  const { queue } = await queueApplication();
  await fc.assert(
    fc.asyncProperty(hostile, async ({ make }) => {
      const sent = make();
      let received: unknown;
      try {
        received = await thereAndBack(queue, sent);
      } catch (error) {
        if (!(error instanceof JobQueueError)) throw error;
        return;
      }
      expect(received).toEqual(documented(sent));
    }),
    { numRuns: 500, seed: 1 },
  );
});

/** The changes that docs/nest.md names: a Date becomes its text, `-0` becomes `0`; absent properties make no difference here. */
function documented(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(documented);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, documented(one)]));
}
