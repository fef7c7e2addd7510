import { JobQueueModule, JobQueueService } from '../../lib/index';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { application, closeApplications } from './application';

/** More than anybody does before the first timer fires, unless none ever fires. */
const ENDLESS = 30_000;

/* Awaited verbs of a backend that never waits for anything outside of the process run on microtasks alone. */

describe.each(selectedBackends())('a loop of awaits lets timers in on %s:', (name) => {
  let place: QueuePlace;
  let queue: JobQueueService;

  beforeAll(async () => {
    place = await queuePlaces[name]();
    const { backend } = place;
    const app = await application({ imports: [JobQueueModule.forRoot({ backend, workers: false })] });
    queue = app.get(JobQueueService);
  });
  afterAll(async () => {
    await closeApplications();
    await place.remove();
  });

  /** Repeats it until a timer of 10 ms has fired. */
  async function starves(verb: () => Promise<unknown>): Promise<boolean> {
    let fired = false;
    const timer = setTimeout(() => (fired = true), 10);
    for (let times = 0; times < ENDLESS && !fired; times += 1) await verb();
    clearTimeout(timer);
    return !fired;
  }

  it('adding', async () => {
    expect(await starves(() => queue.addJob(place.pipeline, 1))).toBe(false);
  });

  it('adding many at once', async () => {
    const jobs = Array.from({ length: 10 }, () => ({ payload: 1 }));
    expect(await starves(() => queue.addJobs(place.pipeline, jobs))).toBe(false);
  });

  it('reserving and deleting', async () => {
    const reserveAndDelete = async () => {
      const job = await queue.getNextJobAndReserve(place.pipeline);
      if (job) await queue.deleteJob(job);
      else await queue.addJob(place.pipeline, 1);
    };
    expect(await starves(reserveAndDelete)).toBe(false);
  });

  it('deleting and looking by an id', async () => {
    const id = await queue.addJob(place.pipeline, 1);
    expect(await starves(() => queue.findJob(id))).toBe(false);
    expect(await starves(() => queue.deleteJob(id))).toBe(false);
  });
});
