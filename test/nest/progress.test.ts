import {
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

const keeping = selectedBackends().filter((name) => name !== 'beanstalkd');
/** `describe.each` takes no empty list. */
const forEach = (names: readonly Backend[], what: string, define: (name: Backend) => void): void => {
  for (const name of names) describe(`${what} on ${name}`, () => define(name));
};
const refusing = selectedBackends().filter((name) => name === 'beanstalkd');

class Gate {
  isOpen = false;
  open = (): void => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = () => {
      this.isOpen = true;
      resolve();
    };
  });
}

let place: QueuePlace;
let queue: JobQueueService;
let backend: QueueBackend;
/** What the handler of the test does. */
let handle: (job: Job) => unknown;
let said: unknown[];

async function start(name: keyof typeof queuePlaces): Promise<void> {
  place = await queuePlaces[name]();

  @Processor(place.pipeline)
  class Said {
    @Process({ attempts: 2, backoff: 0 })
    async work(job: Job): Promise<void> {
      await handle(job);
    }
  }

  const app = await application({
    imports: [JobQueueModule.forRoot({ backend: place.backend })],
    providers: [Said],
  });
  queue = app.get(JobQueueService);
  backend = app.get<QueueBackend>(getJobQueueBackendToken());
}

beforeEach(() => (said = []));
afterEach(async () => {
  await closeApplications();
  await place.remove();
});

forEach(keeping, 'what a job says', (name) => {
  beforeEach(() => start(name));

  it('is read while it runs, and gone when it has ended', async () => {
    const [half, end] = [new Gate(), new Gate()];
    handle = async (job) => {
      job.progress({ done: 1, of: 4 });
      job.log('begins');
      await half.opened;
      job.progress({ done: 2, of: 4 });
      job.log('goes on');
      await end.opened;
    };
    const id = await queue.addJob(place.pipeline, {});
    await until('it is read', async () => (await queue.progress(id)) !== undefined);
    expect(await queue.progress(id)).toEqual({ done: 1, of: 4 });
    const [first] = await queue.logs(id);
    expect(first).toMatchObject({ text: 'begins', attempt: 1, at: expect.any(Date) as Date });
    half.open();
    await until('the next one is read', async () => (await queue.logs(id)).length === 2);
    expect(await queue.progress<{ done: number }>(id)).toEqual({ done: 2, of: 4 });
    expect((await queue.logs(id, { after: first!.id })).map(({ text }) => text)).toEqual(['goes on']);
    end.open();
    await until('it is gone', async () => (await queue.findJob(id)) === undefined);
    expect(await queue.progress(id)).toBeUndefined();
    expect(await queue.logs(id)).toEqual([]);
  });

  it('is written before the attempt ends, the last value of it', async () => {
    handle = (job) => {
      for (let step = 0; step <= 100; step += 1) {
        job.progress(step);
        job.log(`step ${step} of attempt ${job.attempt}`);
      }
      throw new Error('not yet');
    };
    const id = await queue.addJob(place.pipeline, {});
    await until('it is buried', async () => (await queue.findJob(id))?.state === 'buried');
    expect(await queue.progress(id)).toBe(100);
    const lines = await queue.logs(id, { limit: 1000 });
    expect(lines).toHaveLength(202);
    expect(lines.at(-1)).toMatchObject({ text: 'step 100 of attempt 2', attempt: 2 });
  });

  it('has a limit, and a value that cannot be stored fails the handler with a typed error', async () => {
    handle = (job) => {
      for (const value of ['x'.repeat(70_000), 10n, undefined]) {
        try {
          job.progress(value);
        } catch (error) {
          said.push(error);
        }
      }
      job.log('é'.repeat(5000));
      job.progress(null);
      throw new Error('look at what it has said');
    };
    const id = await queue.addJob(place.pipeline, {});
    await until('it is buried', async () => (await queue.findJob(id))?.state === 'buried');
    expect(said.slice(0, 3)).toEqual([
      coded('INVALID_JOB_OPTION', {
        message:
          'progress must have at most 65536 bytes as it is stored, got one of 70002: store the data elsewhere, and say how far the job is',
      }),
      coded('INVALID_JOB_OPTION', {
        message: expect.stringMatching(/^progress cannot be stored: it is a bigint/) as string,
      }),
      coded('INVALID_JOB_OPTION'),
    ]);
    expect((await queue.logs(id))[0]?.text).toBe(`${'é'.repeat(4095)}…`);
    expect(await queue.progress(id)).toBeNull();
    for (const after of ['abc', '', '-1', '1:2', '1'.repeat(20)])
      await expect(queue.logs(id, { after })).rejects.toEqual(
        coded('INVALID_JOB_OPTION', {
          message: `after must be the id of a line that logs() has returned, got "${after}"`,
        }),
      );
  });

  it('is that of a job that is reserved by hand, too', async () => {
    const other = `${place.pipeline}.by-hand`;
    const id = await queue.addJob(other, 1);
    const job = await queue.getNextJobAndReserve(other);
    job?.progress(0.5);
    await until('it is read', async () => (await queue.progress(id)) === 0.5);
    job?.progress(0.7);
    job?.log('nearly');
    await queue.buryJob(job!);
    expect(await queue.progress(id)).toBe(0.7);
    expect((await queue.logs(id)).map(({ text }) => text)).toEqual(['nearly']);
    await queue.deleteJob(id);
    expect(await queue.progress(id)).toBeUndefined();
  });

  it('is asked for with arguments that are checked', async () => {
    const invalid = coded('INVALID_JOB_OPTION');
    await expect(queue.progress(7 as never)).rejects.toEqual(invalid);
    await expect(queue.logs('7', { limit: 0 })).rejects.toEqual(invalid);
    await expect(queue.logs('7', { limit: 1001 })).rejects.toEqual(invalid);
    await expect(queue.logs('7', { after: 7 as never })).rejects.toEqual(invalid);
    await expect(queue.logs('7', { before: '7' } as never)).rejects.toEqual(invalid);
    expect(await queue.progress('7')).toBeUndefined();
    expect(await queue.progress({ pipeline: place.pipeline, unique: 'no job' })).toBeUndefined();
  });
});

forEach(keeping, 'the pace of what jobs say', (name) => {
  beforeEach(() => start(name));

  it('is at most one write a second for a job', async () => {
    const ended = new Gate();
    handle = async (job) => {
      for (let step = 0; !ended.isOpen; step += 1) {
        job.progress(step);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const id = await queue.addJob(place.pipeline, {});
    const times: number[] = [];
    await until('three writes are seen', async () => {
      const at = (await backend.features.journal?.progress(id))?.at.getTime();
      if (at !== undefined && at !== times.at(-1)) times.push(at);
      return times.length === 3;
    });
    ended.open();
    // They are sent a second apart, and written soon after.
    for (const index of [1, 2]) expect(times[index]! - times[index - 1]!).toBeGreaterThan(900);
  });
});

forEach(refusing, 'what a job says', (name) => {
  it('is refused with a typed error', async () => {
    const unsupported = coded('UNSUPPORTED_BY_BACKEND');
    await start(name);
    handle = (job) => {
      for (const say of [() => job.progress(1), () => job.log('a line')]) {
        try {
          say();
        } catch (error) {
          said.push(error);
        }
      }
    };
    const id = await queue.addJob(place.pipeline, {});
    await until('it has run', () => said.length === 2);
    expect(said).toEqual([unsupported, unsupported]);
    await expect(queue.progress(id)).rejects.toEqual(unsupported);
    await expect(queue.logs(id)).rejects.toEqual(unsupported);
  });
});
