import {
  type Job,
  JobQueueModule,
  JobQueueService,
  Process,
  Processor,
  type QueueBackend,
} from '../../lib/index';
import { application, closeApplications } from '../nest/application';
import { until } from '../support/until';
import { documented, payloadIn } from './wire-document';

/** A database or server in which nobody else has jobs. */
export interface Wire {
  /** A backend on it, by URL or as a fresh value. */
  backend(): string | QueueBackend;
  /** Gives the text to the system's own client and answers what that prints. */
  client(text: string): Promise<string>;
  close(): Promise<void>;
}

/** That of the document. */
export const PIPELINE = 'send_important_emails';

@Processor(PIPELINE)
export class EmailProcessor {
  readonly payloads: unknown[] = [];

  @Process()
  send({ payload }: Job): void {
    this.payloads.push(payload);
  }
}

/** What holds for the statements of one section of docs/wire.md, exactly as they stand there. */
export function describeWire(section: string, open: () => Promise<Wire>): void {
  describe(`Jobs on the wire: ${section}`, () => {
    let wire: Wire;
    let queue: JobQueueService;

    beforeAll(async () => {
      wire = await open();
    });
    afterAll(() => wire.close());

    // Without a worker; the queue makes its table.
    beforeEach(async () => {
      const app = await application({ imports: [JobQueueModule.forRoot({ backend: wire.backend() })] });
      queue = app.get(JobQueueService);
    });
    afterEach(async () => {
      await queue.clear(PIPELINE, 'ready');
      await closeApplications();
    });

    async function worker(): Promise<EmailProcessor> {
      const app = await application({
        imports: [JobQueueModule.forRoot({ backend: wire.backend() })],
        providers: [EmailProcessor],
      });
      return app.get(EmailProcessor);
    }

    async function add(heading: string): Promise<unknown> {
      const statement = documented(section, heading);
      await wire.client(statement);
      return payloadIn(statement);
    }

    it('a worker processes jobs that the client added, the urgent one first', async () => {
      const payload = await add('Add a job');
      const urgent = await add('Add an urgent job');
      const [first] = await queue.peek(PIPELINE, 'ready');
      expect(first).toMatchObject({ raw: JSON.stringify(urgent), priority: 0, ttr: 60 });

      const { payloads } = await worker();
      await until('both are processed', () => payloads.length === 2);
      expect(payloads).toEqual([urgent, payload]);
      await until('both are deleted', async () => (await queue.listPipelines()).length === 0);
    });

    it('a waiting worker finds the jobs that the client adds, a late urgent one too', async () => {
      const { payloads } = await worker();
      for (const heading of ['Add a job', 'Add an urgent job']) {
        const payload = await add(heading);
        await until('it is processed', () => payloads.length > 0);
        expect(payloads.splice(0)).toEqual([payload]);
      }
    });

    it('a delayed job is processed when its time has come', async () => {
      const { payloads } = await worker();
      const before = performance.now();
      const [payload] = await Promise.all([
        add('Add a job that is ready in 2 seconds'),
        // Looks from the beginning: on a busy machine the client may end when the job's time has come.
        until('it is delayed', async () => (await queue.getDelayedCount(PIPELINE)) === 1),
      ]);
      await until('it is processed', () => payloads.length === 1);
      expect(payloads).toEqual([payload]);
      expect(performance.now() - before).toBeGreaterThanOrEqual(2000);
    });

    it('the client reads the payload of a job of ours, to the letter', async () => {
      const text = 'Grüße, "Ada" \\ 100% \n🐘';
      const id = await queue.addJob(PIPELINE, { text }, { priority: 7 });
      const answer = await wire.client(documented(section, 'Read the ready jobs'));
      expect(answer).toContain(JSON.stringify({ text }));
      expect(answer).toContain(id);
    });
  });
}

/** What holds for the statement with which a program adds a job once, to a database. */
export function describeUnique(section: string, open: () => Promise<Wire>): void {
  it(`Unique jobs on the wire: ${section}: the client and the queue add one job a key`, async () => {
    const wire = await open();
    const app = await application({ imports: [JobQueueModule.forRoot({ backend: wire.backend() })] });
    const queue = app.get(JobQueueService);
    const add = () => wire.client(documented(section, 'Add a job with a unique key'));
    const handle = { pipeline: PIPELINE, unique: 'welcome:ada' };
    try {
      await queue.clear(PIPELINE, 'ready');
      await add();
      await add();
      const [job] = await queue.peek(PIPELINE, 'ready');
      expect(await queue.getReadyCount(PIPELINE)).toBe(1);
      expect(await queue.addJob(PIPELINE, 1, { unique: 'welcome:ada' })).toBe(job?.id);
      expect(await queue.deleteJob(handle)).toBe(true);
      const { id } = await queue.addJobOnce(PIPELINE, 1, { unique: 'welcome:ada' });
      await add();
      expect(await queue.getReadyCount(PIPELINE)).toBe(1);
      await queue.buryJob((await queue.getNextJobAndReserve(PIPELINE))!);
      await add();
      expect(await queue.stats(PIPELINE)).toMatchObject({ ready: 1, buried: 1 });
      expect((await queue.findJob(handle))?.id).not.toBe(id);
    } finally {
      await closeApplications();
      await wire.close();
    }
  });
}

/** What holds for the statements with which a program takes jobs of a database. */
export function describeTaking(section: string, open: () => Promise<Wire>): void {
  describe(`Jobs taken on the wire: ${section}`, () => {
    let wire: Wire;
    let queue: JobQueueService;

    beforeAll(async () => {
      wire = await open();
      const app = await application({ imports: [JobQueueModule.forRoot({ backend: wire.backend() })] });
      queue = app.get(JobQueueService);
    });
    afterAll(async () => {
      await closeApplications();
      await wire.close();
    });
    beforeEach(() => queue.clear(PIPELINE, 'ready'));

    const take = () => wire.client(documented(section, 'Take a job'));
    /** The statement, of that job. */
    const settle = (heading: string, id: string) =>
      wire.client(documented(section, heading).replace('id = 1', `id = ${id}`));

    it('the client takes the most urgent job, and no other one; then it deletes it', async () => {
      const later = await queue.addJob(PIPELINE, 'later');
      const urgent = await queue.addJob(PIPELINE, 'urgent', { priority: 0 });
      expect(await take()).toMatch(new RegExp(`^${urgent}\\D+urgent`));
      expect(await queue.stats(PIPELINE)).toMatchObject({ ready: 1, reserved: 1 });
      await settle('Delete a job that is done', later);
      expect(await queue.stats(PIPELINE)).toMatchObject({ ready: 1, reserved: 1 });
      await settle('Delete a job that is done', urgent);
      expect(await queue.stats(PIPELINE)).toMatchObject({ ready: 1, reserved: 0 });
    });

    it('the client buries one that failed', async () => {
      const id = await queue.addJob(PIPELINE, 'bad');
      await take();
      await settle('Bury a job that failed', id);
      expect(await queue.findJob(id)).toMatchObject({ state: 'buried', attempts: 1, reason: 'no mailbox' });
      await queue.deleteJob(id);
    });

    it('the client takes none of a paused pipeline, and none that is delayed', async () => {
      await queue.addJob(PIPELINE, 'paused');
      await queue.addJob(PIPELINE, 'delayed', { delay: 60 });
      await queue.pause(PIPELINE, 60);
      expect((await take()).trim()).toBe('');
      await queue.resume(PIPELINE);
      expect(await take()).toContain('paused');
      expect((await take()).trim()).not.toContain('delayed');
    });
  });
}
