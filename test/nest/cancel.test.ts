import {
  type Job,
  JobCancelledError,
  type JobEvent,
  JobQueueModule,
  JobQueueService,
  OnJob,
  Process,
  Processor,
} from '../../lib/index';
import { coded } from '../support/coded';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { type Backend, selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { application, closeApplications } from './application';

let place: QueuePlace;
/** A queue whose application works on the jobs. */
let working: JobQueueService;
/** One of another application, which shares nothing with it but the database. */
let other: JobQueueService;
let handle: (job: Job) => unknown;
let events: unknown[];

async function start(name: Backend): Promise<void> {
  place = await queuePlaces[name]();
  events = [];

  @Processor(place.pipeline)
  class Slow {
    @Process({ concurrency: 4 })
    async work(job: Job): Promise<void> {
      await handle(job);
    }

    @OnJob('cancelled')
    cancelled({ job, reason }: JobEvent<'cancelled'>): void {
      events.push(['cancelled', job.id, reason]);
    }

    @OnJob('completed')
    completed({ job }: JobEvent<'completed'>): void {
      events.push(['completed', job.id]);
    }

    @OnJob('lost')
    lost({ job }: JobEvent<'lost'>): void {
      events.push(['lost', job.id]);
    }
  }

  const queue = (workers: boolean) => JobQueueModule.forRoot({ backend: place.backend, workers });
  const app = await application({ imports: [queue(true)], providers: [Slow] });
  working = app.get(JobQueueService);
  other = (await application({ imports: [queue(false)] })).get(JobQueueService);
}

afterEach(async () => {
  await closeApplications();
  await place.remove();
});

const aborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

for (const name of selectedBackends().filter((each) => each !== 'beanstalkd')) {
  describe(`cancelJob on ${name}`, () => {
    beforeEach(() => start(name));

    it('aborts a running job of another application within a second, which is heard', async () => {
      let startedAt = Infinity;
      let reason: unknown;
      let abortedAt = 0;
      handle = async (job) => {
        startedAt = performance.now();
        reason = await aborted(job.signal);
        abortedAt = performance.now();
      };
      const id = await other.addJob(place.pipeline, {}, { unique: 'one' });
      await until('it has run for a second', () => performance.now() - startedAt > 1000);
      const askedAt = performance.now();
      expect(await other.cancelJob({ pipeline: place.pipeline, unique: 'one' }, 'not wanted')).toBe(true);
      expect(await other.findJob(id)).toMatchObject({ state: 'cancelled', error: 'not wanted' });
      await until('its signal is aborted', () => reason !== undefined);
      expect(reason).toBeInstanceOf(JobCancelledError);
      expect(reason).toMatchObject({ code: 'JOB_CANCELLED', jobId: id, reason: 'not wanted' });
      expect(abortedAt - askedAt).toBeLessThan(1000);
      expect(events).toEqual([['cancelled', id, 'not wanted']]);
      // It is not to run: the application would wait for its end.
      const again = await other.addJobOnce(place.pipeline, {}, { unique: 'one', delay: '1h' });
      expect(again.added).toBe(true);
    });

    it('wins over a handler that goes on and resolves', async () => {
      let begun = 0;
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      handle = async () => {
        begun += 1;
        await opened;
      };
      const id = await other.addJob(place.pipeline, {});
      await until('it runs', () => begun === 1);
      expect(await other.cancelJob(id)).toBe(true);
      open();
      await until('it is told', () => events.length > 0);
      expect(events).toEqual([['cancelled', id, undefined]]);
      expect(await other.stats(place.pipeline)).toMatchObject({ ready: 0, reserved: 0, buried: 0 });
      expect(begun).toBe(1);
    });

    it('removes a job that waits, and finds none that is gone', async () => {
      handle = () => undefined;
      const id = await other.addJob(place.pipeline, {}, { delay: '1h' });
      expect(await other.cancelJob(id)).toBe(true);
      expect(await other.cancelJob(id)).toBe(false);
      expect(await other.cancelJob({ pipeline: place.pipeline, unique: 'none' })).toBe(false);
      expect(events).toEqual([]);
      await expect(other.cancelJob(7 as never)).rejects.toEqual(coded('INVALID_JOB_OPTION'));
      await expect(other.cancelJob(id, 7 as never)).rejects.toEqual(coded('INVALID_JOB_OPTION'));
    });

    it('aborts a job that is reserved by hand, whose verbs say why', async () => {
      const byHand = `${place.pipeline}.by-hand`;
      await other.addJob(byHand, 1);
      const job = await working.getNextJobAndReserve(byHand);
      const reason = aborted(job!.signal);
      expect(await other.cancelJob(job!, 'no more')).toBe(true);
      expect(await reason).toMatchObject({ code: 'JOB_CANCELLED', reason: 'no more' });
      await expect(working.touchJob(job!)).rejects.toEqual(coded('JOB_CANCELLED'));
      await expect(working.deleteJob(job!)).rejects.toEqual(coded('JOB_CANCELLED'));
    });
  });
}

for (const name of selectedBackends().filter((each) => each === 'beanstalkd')) {
  describe(`cancelJob on ${name}`, () => {
    it('is refused with a typed error', async () => {
      await start(name);
      await expect(other.cancelJob('1')).rejects.toEqual(coded('UNSUPPORTED_BY_BACKEND'));
    });
  });
}
