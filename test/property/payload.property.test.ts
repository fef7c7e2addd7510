import fc from 'fast-check';
import { type Job, JobQueueError, type JobQueueService } from '../../lib/index';
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

/** Those that keep what a job says and what its handler returns. */
const keeping = selectedBackends().filter((name) => name !== 'beanstalkd');

describe.each(keeping)('%s', (name) => {
  it('returns every JSON value as a payload that is read, as progress and as a result', async () => {
    const place = await queuePlaces[name]();
    const { backend, pipeline } = place;
    const { queue } = await queueApplication([], { backend });
    const values = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });
    await queue.process(
      pipeline,
      (job: Job<{ value: unknown }>) => {
        job.progress(job.payload.value);
        return { returned: job.payload.value };
      },
      { keep: { completed: '1h' } },
    );
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const payload = { value };
        const waiting = await queue.addJob(pipeline, payload, { delay: 60 });
        expect((await queue.findJob(waiting))?.payload).toEqual(payload);
        expect(await queue.deleteJob(waiting)).toBe(true);
        const id = await queue.addJob(pipeline, payload);
        expect(await queue.waitFor(id, { timeout: 20 })).toEqual({ returned: value });
        expect(await queue.findJob(id)).toMatchObject({ payload, result: { returned: value } });
        expect(await queue.progress(id)).toEqual(value);
      }),
      { numRuns: 20, seed: 1 },
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
