import {
  BuryJob,
  getJobQueueBackendToken,
  type Job,
  JobQueueModule,
  JobQueueService,
  Process,
  Processor,
  type QueueBackend,
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
let backend: QueueBackend;
let handle: (job: Job) => unknown;

async function start(name: Backend, keep?: { completed: string }): Promise<void> {
  place = await queuePlaces[name]();

  @Processor(place.pipeline)
  class Slow {
    @Process({ concurrency: 10, ...(keep && { keep: keep as { completed: '1h' } }) })
    work(job: Job): unknown {
      return handle(job);
    }
  }

  const queue = (workers: boolean) => JobQueueModule.forRoot({ backend: place.backend, workers });
  const app = await application({ imports: [queue(true)], providers: [Slow] });
  working = app.get(JobQueueService);
  const second = await application({ imports: [queue(false)] });
  other = second.get(JobQueueService);
  backend = second.get<QueueBackend>(getJobQueueBackendToken());
}

afterEach(async () => {
  await closeApplications();
  await place.remove();
});

for (const name of selectedBackends().filter((each) => each !== 'beanstalkd')) {
  describe(`waitFor on ${name}`, () => {
    beforeEach(() => start(name, { completed: '1h' }));

    it('resolves with the result, before and after the end, in both applications', async () => {
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      handle = async ({ payload }) => {
        await opened;
        return { twice: 2 * (payload as number) };
      };
      const id = await other.addJob(place.pipeline, 21);
      const waits = [working, other, other].map((queue) => queue.waitFor(id, { timeout: '30s' }));
      open();
      expect(await Promise.all(waits)).toEqual([{ twice: 42 }, { twice: 42 }, { twice: 42 }]);
      expect(await other.waitFor(id, { timeout: 0.5 })).toEqual({ twice: 42 });
      handle = () => undefined;
      expect(await other.addJobAndWait(place.pipeline, 1, { timeout: '30s' })).toBeUndefined();
    });

    it('rejects when the job is buried, cancelled, deleted or takes too long', async () => {
      handle = ({ payload, signal }) => {
        if (payload === 'bad') throw new BuryJob('no such address');
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      };
      const bad = await other.addJob(place.pipeline, 'bad');
      await expect(other.waitFor(bad, { timeout: '30s' })).rejects.toEqual(
        coded('JOB_FAILED', {
          message: `Job ${bad} is buried after 1 attempt: no such address`,
          attempts: 1,
          reason: 'no such address',
        }),
      );
      const slow = await other.addJob(place.pipeline, 'slow');
      await expect(other.waitFor(slow, { timeout: 0.1 })).rejects.toEqual(
        coded('WAIT_TIMEOUT', { jobId: slow }),
      );
      const cancelled = other.waitFor(slow, { timeout: '30s' });
      void other.cancelJob(slow, 'no more');
      await expect(cancelled).rejects.toEqual(coded('JOB_CANCELLED', { reason: 'no more' }));
      const waiting = await other.addJob(place.pipeline, 'later', { delay: '1h' });
      const gone = other.waitFor(waiting, { timeout: '30s' });
      void other.deleteJob(waiting);
      await expect(gone).rejects.toEqual(coded('JOB_GONE', { jobId: waiting }));
      await expect(other.waitFor('999999999', { timeout: '30s' })).rejects.toEqual(coded('JOB_GONE'));
      for (const id of ['', ' ', '007'])
        await expect(other.waitFor(id, { timeout: '30s' })).rejects.toEqual(
          coded('JOB_GONE', {
            message: expect.stringContaining(id === '007' ? 'Job 007 ' : `Job "${id}" `) as string,
          }),
        );
      const key = { pipeline: place.pipeline, unique: 'free' };
      await expect(other.waitFor(key, { timeout: '30s' })).rejects.toEqual(
        coded('JOB_GONE', {
          jobId: undefined,
          message: expect.stringContaining('No job has the unique key "free"') as string,
        }),
      );
    });

    it('knows one spelling of an id, as every other verb does', async () => {
      handle = () => undefined;
      const id = await other.addJob(place.pipeline, 'later', { delay: '1h' });
      expect(await other.findJob(id)).toBeDefined();
      expect(await other.findJob(`0${id}`)).toBeUndefined();
      expect(await other.cancelJob(`0${id}`)).toBe(false);
      expect(await other.deleteJob(`0${id}`)).toBe(false);
      expect(await other.deleteJob(id)).toBe(true);
    });

    it('is refused without a timeout', async () => {
      const invalid = coded('INVALID_JOB_OPTION');
      await expect(other.waitFor('1', {} as never)).rejects.toEqual(invalid);
      await expect(other.waitFor('1', undefined as never)).rejects.toEqual(invalid);
      await expect(other.waitFor('1', { timeout: Infinity })).rejects.toEqual(invalid);
      await expect(other.waitFor('1', { timeout: '25d' })).rejects.toEqual(
        coded('INVALID_JOB_OPTION', { message: 'timeout must be at most 24d, got "25d"' }),
      );
      await expect(other.addJobAndWait(place.pipeline, 1, undefined as never)).rejects.toEqual(
        coded('INVALID_JOB_OPTION', { message: expect.stringMatching(/^timeout must be/) as string }),
      );
      await expect(other.addJobAndWait(place.pipeline, 1, {} as never)).rejects.toEqual(invalid);
      expect(await other.stats(place.pipeline)).toMatchObject({ ready: 0, reserved: 0 });
    });

    it('shares one look among 10,000 who wait, and ends with the application', async () => {
      const looks: number[] = [];
      const { waiting } = backend.features;
      const sound = waiting!.fates.bind(waiting);
      jest.spyOn(waiting!, 'fates').mockImplementation((ids) => {
        looks.push(ids.length);
        return sound(ids);
      });
      const jobs = Array.from({ length: 10_000 }, (_, payload) => ({ payload, delay: '1h' as const }));
      const ids = await other.addJobs(place.pipeline, jobs);
      const waits = Promise.allSettled(ids.map((id) => other.waitFor(id, { timeout: '1h' })));
      await until('they have looked some times', () => looks.length >= 3);
      expect(new Set(looks)).toEqual(new Set([10_000]));
      await closeApplications();
      for (const wait of await waits)
        expect(wait).toMatchObject({ status: 'rejected', reason: { code: 'BACKEND_CLOSED' } });
    });
  });

  describe(`waitFor on ${name}, where nothing is kept`, () => {
    it('rejects when the job has ended', async () => {
      await start(name);
      handle = () => 7;
      const wait = other.addJobAndWait(place.pipeline, 1, { timeout: '30s' });
      await expect(wait).rejects.toEqual(coded('JOB_GONE'));
      const kept = other.addJobAndWait(place.pipeline, 1, { timeout: '30s', keep: { completed: '1m' } });
      expect(await kept).toBe(7);
    });
  });
}

for (const name of selectedBackends().filter((each) => each === 'beanstalkd')) {
  describe(`waitFor on ${name}`, () => {
    it('is refused with a typed error', async () => {
      await start(name);
      const unsupported = coded('UNSUPPORTED_BY_BACKEND');
      await expect(other.waitFor('1', { timeout: 1 })).rejects.toEqual(unsupported);
      await expect(other.addJobAndWait(place.pipeline, 1, { timeout: 1 })).rejects.toEqual(unsupported);
      expect(await other.stats(place.pipeline)).toMatchObject({ ready: 0 });
    });
  });
}
