import { join } from 'node:path';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { WorkerProcess } from '../support/worker-process';

const ROUNDS = 5;
const JOBS = 5_000;
/** In bytes; less than a small object for each job. */
const MOST_A_JOB = 32;

describe.each(selectedBackends())('a worker on %s', (name) => {
  let place: QueuePlace;
  let child: WorkerProcess;

  beforeEach(async () => {
    place = await queuePlaces[name]();
  });
  afterEach(async () => {
    await child.kill();
    await place.remove();
  });

  it('leaves nothing of its jobs in memory', async () => {
    child = new WorkerProcess(join(__dirname, 'worker-memory-script.ts'), {
      environment: {
        ...(typeof place.backend === 'string' && { JOB_QUEUE_URL: place.backend }),
        PIPELINE: place.pipeline,
        ROUNDS: String(ROUNDS),
        JOBS: String(JOBS),
        // beanstalkd keeps none.
        ...(name !== 'beanstalkd' && { KEEPS: 'true' }),
      },
    });
    expect(await child.exitCode()).toBe(0);
    const heaps = JSON.parse(child.output.trim().split('\n').at(-1) ?? '') as number[];
    expect(heaps).toHaveLength(ROUNDS);
    // The first rounds compile, and fill what is kept of a size.
    const [, , early = 0] = heaps;
    const late = Math.min(...heaps.slice(3));
    expect(late - early).toBeLessThan(2 * JOBS * MOST_A_JOB);
  }, 150_000);
});
