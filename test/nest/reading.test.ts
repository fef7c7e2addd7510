import { connect } from 'node:net';
import { z } from 'zod';
import { openBackend } from '../../lib/backends/open-backend';
import { newJob } from '../../lib/core/policy/job-options';
import {
  BuryJob,
  definePipeline,
  type FoundJob,
  InvalidPayloadError,
  InvalidResultError,
  type JobEvent,
  JobQueueModule,
  JobQueueService,
  type KeptJob,
  OnJob,
  type PayloadCodec,
  Process,
  Processor,
  type QueueBackend,
  UndecodablePayloadError,
} from '../../lib/index';
import { memoryBackend } from '../../lib/testing';
import { sqlite3 } from '../support/clients';
import { coded } from '../support/coded';
import { randomPipeline } from '../support/pipelines';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { type Backend, selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { application, closeApplications, queueApplication } from './application';

/** `{"a":"caf\xe9"}` in Latin-1. */
const LATIN1 = Buffer.from('7b2261223a22636166e9227d', 'hex');

/** How another program stores bytes that are no text, where the system takes them. */
const storesBytes: Partial<Record<Backend, (place: QueuePlace, pipeline: string) => Promise<unknown>>> = {
  sqlite: ({ backend }, pipeline) =>
    sqlite3(
      (backend as string).slice('sqlite:'.length),
      `insert into job_queue_jobs (pipeline, payload) values ('${pipeline}', cast(x'${LATIN1.toString('hex')}' as text))`,
    ),
  beanstalkd: ({ backend }, pipeline) => putBytes(new URL(backend), pipeline),
};

function putBytes({ hostname, port }: URL, pipeline: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname).on('error', reject);
    socket.on('data', (answer) => {
      if (!answer.includes('INSERTED')) return;
      socket.end();
      resolve();
    });
    const head = `use ${pipeline}\r\nput 1 0 60 ${LATIN1.length}\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), LATIN1, Buffer.from('\r\n')]));
  });
}

afterEach(closeApplications);

describe.each(selectedBackends())('jobs that are read on %s', (name) => {
  const kept = name !== 'beanstalkd';
  const schema = z.object({ at: z.iso.datetime().transform((text) => new Date(text)) });
  let place: QueuePlace;
  let other: QueueBackend;
  let queue: JobQueueService;
  let pipeline: string;

  beforeAll(async () => {
    place = await queuePlaces[name]();
    other = typeof place.backend === 'string' ? await openBackend(place.backend) : place.backend;
    await other.connect();
  });
  beforeEach(async () => {
    pipeline = randomPipeline();
    const defaults = kept ? { keep: { completed: '1d' as const } } : {};
    const app = await application({
      imports: [JobQueueModule.forRoot({ backend: place.backend, defaults })],
    });
    queue = app.get(JobQueueService);
  });
  afterEach(async () => {
    for (const state of ['ready', 'delayed', 'buried'] as const) await queue.clear(pipeline, state);
  });
  afterAll(async () => {
    if (other !== place.backend) await other.close();
    await place.remove();
  });

  /** As another program does it. */
  const stored = async (text: string) => (await other.put(pipeline, [newJob(text)]))[0]!.id;

  it('have their payload decoded, and the stored text beside it', async () => {
    const id = await queue.addJob(pipeline, { to: 'ada' }, { delay: 60 });
    const job = await queue.findJob<{ to: string }>(id);
    expect(job).toMatchObject({
      id,
      pipeline,
      payload: { to: 'ada' },
      raw: '{"to":"ada"}',
      state: 'delayed',
    });
    expect(job).not.toHaveProperty('unreadable');
    expect(await queue.peek(pipeline, 'delayed')).toMatchObject([{ id, payload: { to: 'ada' } }]);
    // What reading returns is taken where jobs are named.
    expect(await queue.kickJob(job!)).toBe(true);
    expect(await queue.deleteJob(job!)).toBe(true);
    expect(await queue.findJob(job!)).toBeUndefined();
  });

  it('hide nothing: one that is no JSON is told beside its neighbours', async () => {
    const bad = await stored('<mail/>');
    const good = await queue.addJob(pipeline, 2);
    const jobs = [await queue.findJob(bad), await queue.findJob(good)];
    expect(jobs).toMatchObject([
      { id: bad, raw: '<mail/>' },
      { id: good, payload: 2 },
    ]);
    expect(jobs[0]?.payload).toBeUndefined();
    expect(jobs[0]?.unreadable).toBeInstanceOf(UndecodablePayloadError);
    expect(jobs[0]?.unreadable?.message).toBe('The payload cannot be decoded: it is not JSON.');
    const page = await queue.peek(pipeline, 'ready');
    expect(page.map(({ raw }) => raw)).toEqual(kept ? ['<mail/>', '2'] : ['<mail/>']);
    expect(await queue.deleteJob(page[0]!)).toBe(true);
  });

  it('are those of the definition, as its schema makes them', async () => {
    const visits = definePipeline(pipeline, { schema });
    const id = await queue.addJob(visits, { at: '2026-11-27T12:00:00Z' });
    const found: FoundJob<{ at: Date }> | KeptJob<{ at: Date }> | undefined = await queue.findJob(visits, id);
    expect(found?.payload).toEqual({ at: new Date('2026-11-27T12:00:00Z') });
    expect(found?.raw).toBe('{"at":"2026-11-27T12:00:00Z"}');
    expect(await queue.findJob(definePipeline('elsewhere'), id)).toBeUndefined();
    expect((await queue.peek(visits, 'ready'))[0]?.payload?.at.getUTCHours()).toBe(12);
    expect((await queue.selectPipeline(visits).peek('ready'))[0]?.payload?.at.getUTCHours()).toBe(12);
    await queue.deleteJob(id);

    const refused = await stored('{"at":"noon"}');
    expect((await queue.findJob(visits, refused))?.unreadable).toBeInstanceOf(InvalidPayloadError);
    // Without the definition nobody asks its schema.
    expect((await queue.findJob(refused))?.payload).toEqual({ at: 'noon' });
  });

  it('are heard of with their payload, and the times of the run', async () => {
    const mails = definePipeline<{ to: string }>(pipeline);
    const heard: unknown[] = [];

    @Processor()
    class Mails {
      @Process(mails)
      send(): void {
        throw new BuryJob('no mailbox');
      }

      @OnJob('buried', { pipeline: mails })
      buried({ job, startedAt, ran }: JobEvent<'buried', { to: string }>): void {
        heard.push(job.payload?.to, job.raw, job.unreadable?.code, startedAt instanceof Date, typeof ran);
      }
    }
    const app = await application({
      imports: [JobQueueModule.forRoot({ backend: place.backend })],
      providers: [Mails],
    });
    await app.get(JobQueueService).addJob(mails, { to: 'ada' });
    await until('it is buried', () => heard.length === 5);
    expect(heard).toEqual(['ada', '{"to":"ada"}', undefined, true, 'number']);
    const buried = await queue.getNextBuriedJob(mails);
    expect(buried?.payload?.to).toBe('ada');

    heard.length = 0;
    await stored('<mail/>');
    await until('the other is buried', () => heard.length === 5);
    // No handler has started.
    expect(heard).toEqual([undefined, '<mail/>', 'UNDECODABLE_PAYLOAD', false, 'undefined']);
  });

  if (storesBytes[name]) {
    it('that hold other bytes than UTF-8 say so', async () => {
      await storesBytes[name]!(place, pipeline);
      const [job] = await queue.peek(pipeline, 'ready');
      expect(job?.payload).toBeUndefined();
      expect(job?.raw).toBe('{"a":"caf\ufffd"}');
      expect(job?.unreadable?.message).toContain('its bytes are not UTF-8');
      expect(job).not.toHaveProperty('garbled');
    });
  }

  if (!kept) return;

  it('and have ended have their result decoded, too', async () => {
    const pictures = definePipeline<{ name: string }>(pipeline);
    await queue.process(pictures, ({ payload: { name } }) => (name === 'none' ? undefined : { of: name }));
    const [id, none] = await queue.addJobs(pictures, [
      { payload: { name: 'ada' } },
      { payload: { name: 'none' } },
    ]);
    const completed = async (wanted: string) => {
      const job = await queue.findJob(pictures, wanted);
      return job?.state === 'completed' ? job : undefined;
    };
    const first: KeptJob<{ name: string }> = await until('it is kept', () => completed(id!));
    expect(first).toMatchObject({
      payload: { name: 'ada' },
      result: { of: 'ada' },
      rawResult: '{"of":"ada"}',
    });
    const second = await until('the other is kept', () => completed(none!));
    expect(second).not.toHaveProperty('result');
    expect(second).not.toHaveProperty('rawResult');

    const [newest, ...rest] = await queue.history(pictures, { limit: 1 });
    expect(rest).toEqual([]);
    const [oldest] = await queue.history<{ name: string }, { of: string }>(pipeline, { after: newest! });
    expect([newest?.payload?.name, oldest?.payload?.name].sort()).toEqual(['ada', 'none']);
    expect(await queue.findJob(definePipeline('elsewhere'), first)).toBeUndefined();
    for await (const { job } of queue.events(pictures, { after: 'oldest' })) {
      if (job.payload?.name !== 'ada') continue;
      expect(job.result).toEqual({ of: 'ada' });
      break;
    }
  });

  it('and end are found at every moment', async () => {
    await queue.process(pipeline, () => 'done');
    for (const id of await queue.addJobs(pipeline, [{ payload: 1 }, { payload: 2 }, { payload: 3 }])) {
      let state: string | undefined;
      do {
        const job = await queue.findJob(id);
        expect(job).toMatchObject({ id });
        state = job?.state;
      } while (state !== 'completed');
    }
  });
});

describe('a codec of the application that throws', () => {
  /** Texts with a lock on them cannot be opened. */
  const codec: PayloadCodec = {
    encode: (value) => JSON.stringify(value),
    decode: (text) => {
      if (text.includes('locked')) throw new TypeError('of the key 1234');
      return JSON.parse(text) as unknown;
    },
  };
  let queue: JobQueueService;

  beforeEach(async () => {
    ({ queue } = await queueApplication([], { codec, defaults: { keep: { completed: '1d' } } }));
  });

  it('leaves a payload unreadable', async () => {
    const [bad, good] = await queue.addJobs('mail', [{ payload: 'locked' }, { payload: 'open' }]);
    const page = await queue.peek('mail', 'ready');
    expect(page).toMatchObject([
      { id: bad, raw: '"locked"' },
      { id: good, payload: 'open' },
    ]);
    expect(page[0]?.unreadable).toMatchObject({
      code: 'UNDECODABLE_PAYLOAD',
      message: 'The payload cannot be decoded: the codec failed with TypeError.',
    });
  });

  it('leaves a result unreadable, and who waits for it is told', async () => {
    await queue.process('mail', () => 'locked');
    const id = await queue.addJob('mail', 'open');
    await expect(queue.waitFor(id, { timeout: 10 })).rejects.toThrow(
      coded('INVALID_RESULT', {
        message: `The result of job ${id} cannot be decoded: the codec failed with TypeError.`,
      }),
    );
    const job = await queue.findJob(id);
    expect(job).toMatchObject({ state: 'completed', payload: 'open', rawResult: '"locked"' });
    expect(job).toHaveProperty('unreadableResult', expect.any(InvalidResultError));
    expect(job).not.toHaveProperty('result');
  });
});

it('What a listener does to a payload is its own', async () => {
  const seen: unknown[] = [];

  @Processor('mail')
  class Mails {
    @Process()
    send(): void {}

    @OnJob('completed')
    first({ job }: JobEvent<'completed', { to: string[] }>): void {
      job.payload?.to.push('eve');
      seen.push(job.payload, { ...job }.payload, (JSON.parse(JSON.stringify(job)) as typeof job).payload);
    }

    @OnJob('completed')
    second({ job }: JobEvent<'completed', { to: string[] }>): void {
      seen.push(job.payload);
    }
  }
  const { queue } = await queueApplication([Mails]);
  await queue.addJob('mail', { to: ['ada'] });
  await until('both have heard', () => seen.length === 4);
  const changed = { to: ['ada', 'eve'] };
  expect(seen).toEqual([changed, changed, changed, { to: ['ada'] }]);
});

it('A payload that no listener reads is decoded for the handler alone', async () => {
  let decoded = 0;
  const codec: PayloadCodec = {
    encode: (value) => JSON.stringify(value),
    decode: (text) => {
      decoded += 1;
      return JSON.parse(text) as unknown;
    },
  };
  const ended: unknown[] = [];

  @Processor('mail')
  class Mails {
    @Process()
    send(): void {}

    @OnJob('completed')
    completed({ job }: JobEvent<'completed'>): void {
      ended.push(job.raw);
    }
  }
  const { queue } = await queueApplication([Mails], { codec });
  await queue.addJob('mail', 1);
  await until('it has ended', () => ended.length === 1);
  expect(decoded).toBe(1);
});

it('A pipeline that is named where a definition belongs is refused, not taken for a job', async () => {
  const { queue } = await queueApplication([], { backend: memoryBackend() });
  const given = ['mail', '1'] as unknown as [string];
  const message = expect.stringContaining('must be what definePipeline() has returned') as string;
  await expect(queue.findJob(...given)).rejects.toThrow(coded('INVALID_JOB_OPTION', { message }));
});
