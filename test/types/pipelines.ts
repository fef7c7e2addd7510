import { z } from 'zod';
import {
  Attempt,
  definePipeline,
  type FoundJob,
  type Job,
  type JobEvent,
  JobId,
  type JobOf,
  type JobQueueService,
  type KeptJob,
  OnJob,
  Payload,
  Process,
  Processor,
} from '../../lib/index';
import type { TransactionalJob } from '../../lib/typeorm';

/*
 * What has to compile, and what must not: the compiler fails on an error, and on a line after @ts-expect-error that
 * has none. Nothing of it runs.
 */

interface Email {
  readonly to: string;
}

const emails = definePipeline<Email>('emails');
const reminders = definePipeline('reminders', {
  schema: z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }),
});

class Letter {
  readonly copies!: number;
}
const letters = definePipeline('letters', { schema: Letter });

export async function producers(queue: JobQueueService, manager: object): Promise<void> {
  const id: JobId = await queue.addJob(emails, { to: 'ada' });
  await queue.addJob(
    'any name',
    { any: 'payload' },
    { priority: 1, delay: 2, ttr: 3, attempts: 4, backoff: 5 },
  );
  await queue.addJob(reminders, { at: '2026-11-24T00:00:00Z' });
  await queue.addJob(letters, { copies: 2 });
  await queue.selectPipeline(reminders).add({ at: '2026-11-24T00:00:00Z' });
  const ids: JobId[] = await queue.addJobs(emails, [{ payload: { to: 'ada' }, priority: 1 }], { manager });
  const nothing: void = await queue.addJob(emails, { to: 'ada' }, { afterCommit: manager });
  await queue.addJob(emails, { to: 'ada' }, { manager: null });
  await queue.addJob(emails, { to: 'ada' }, { unique: 'ada' });
  await queue.addJob(
    emails,
    { to: 'ada' },
    { unique: { key: 'ada', onConflict: 'debounce', maxWait: '5m' }, delay: '1s' },
  );
  await queue.addJobs(emails, [{ payload: { to: 'ada' }, unique: { key: 'ada', for: 60, until: 'start' } }]);
  const once: { readonly id: JobId; readonly added: boolean } = await queue.addJobOnce(
    emails,
    { to: 'ada' },
    { unique: 'ada' },
  );
  await queue.selectPipeline(reminders).addOnce({ at: '2026-11-24T00:00:00Z' }, { unique: 'a', manager });
  await queue.deleteJob({ pipeline: emails, unique: 'ada' });

  await queue.changeJob(emails, id, { payload: { to: 'bob' }, priority: 1, delay: '1m' });
  await queue.changeJob(id, { payload: 'anything' });
  await queue.pause(emails);
  await queue.kick(emails, 1, { fresh: true });

  await queue.changeJob({ pipeline: emails, unique: 'ada' }, { payload: { to: 'bob' } });
  await queue.changeJob({ pipeline: 'emails', unique: 'ada' }, { payload: 'anything' });

  // @ts-expect-error: a handle keeps it, too
  await queue.changeJob({ pipeline: emails, unique: 'ada' }, { payload: 'bob' });
  // @ts-expect-error: a change keeps the type
  await queue.changeJob(emails, id, { payload: 'bob' });
  // @ts-expect-error: what is stored is what the schema takes
  await queue.changeJob(reminders, id, { payload: { at: new Date() } });
  // @ts-expect-error: there is no such change
  await queue.changeJob(id, { ttr: 5 });
  // @ts-expect-error: a job that is added once has a key
  await queue.addJobOnce(emails, { to: 'ada' }, {});
  // @ts-expect-error: whether it was added is not known before the commit
  await queue.addJobOnce(emails, { to: 'ada' }, { unique: 'ada', afterCommit: manager });
  // @ts-expect-error: it is no Email
  await queue.addJobOnce(emails, { too: 'ada' }, { unique: 'ada' });
  // @ts-expect-error: there is no such conflict
  await queue.addJob(emails, { to: 'ada' }, { unique: { key: 'ada', onConflict: 'drop' } });
  // @ts-expect-error: a key alone is no handle
  await queue.findJob({ unique: 'ada' });
  // @ts-expect-error: it is no Email
  await queue.addJob(emails, { too: 'ada' });
  // @ts-expect-error: nor is this
  await queue.addJobs(emails, [{ payload: 'ada' }]);
  // @ts-expect-error: what is added is what the schema takes, not what it makes of it
  await queue.addJob(reminders, { at: new Date() });
  // @ts-expect-error: the class has a number there
  await queue.addJob(letters, { copies: 'two' });
  // @ts-expect-error: a handle knows the type, too
  await queue.selectPipeline(emails).add({ to: 1 });
  // @ts-expect-error: there is no such option
  await queue.addJob(emails, { to: 'ada' }, { urgent: true });
  // @ts-expect-error: in the transaction or after its commit, not both
  await queue.addJob(emails, { to: 'ada' }, { manager, afterCommit: manager });
  // @ts-expect-error: the id is not known before the commit
  const early: JobId = await queue.addJob(emails, { to: 'ada' }, { afterCommit: manager });
  void [id, ids, nothing, early, once];
}

export async function waits(queue: JobQueueService): Promise<void> {
  const sent: { at: string } = await queue.addJobAndWait(emails, { to: 'ada' }, { timeout: '5s' });
  const named: { at: string } = await queue.addJobAndWait<{ at: string }>('emails', 1, { timeout: 5 });
  // @ts-expect-error: the pipeline has other payloads
  await queue.addJobAndWait(emails, { to: 1 }, { timeout: '5s' });
  // @ts-expect-error: it has to say for how long
  await queue.addJobAndWait(emails, { to: 'ada' }, {});
  void [sent, named];
}

export async function readers(queue: JobQueueService, id: JobId): Promise<void> {
  const found: FoundJob<Email> | KeptJob<Email> | undefined = await queue.findJob(emails, id);
  if (found && !found.unreadable) found.payload.to.trim();
  const byKey: FoundJob<Email> | KeptJob<Email> | undefined = await queue.findJob({
    pipeline: emails,
    unique: 'ada',
  });
  const page: FoundJob<{ at: Date }>[] = await queue.peek(reminders, 'buried');
  const next: FoundJob<Letter> | undefined = await queue.getNextBuriedJob(letters);
  const ended: KeptJob<Email>[] = await queue.history(emails, {
    after: (await queue.history(emails)).at(-1),
  });
  const one: KeptJob<Email> | undefined = found?.state === 'completed' ? found : undefined;
  for await (const { job } of queue.events(reminders)) job.payload?.at.getTime();
  const handled: FoundJob<{ at: Date }>[] = await queue.selectPipeline(reminders).peek('ready');
  const given = await queue.findJob<number, string>(id);
  const amount: number | undefined = given?.payload;
  // The state tells whether it has ended.
  const result: string | undefined = given?.state === 'completed' ? given.result : undefined;
  const delay: number | undefined = given?.state === 'delayed' ? given.delay : undefined;
  const anything: unknown = (await queue.findJob(id))?.payload;
  // What was read is a job wherever one is named.
  await queue.kickJob(page[0]!);
  await queue.deleteJob(page[0]!);
  await queue.changeJob(emails, page[0]!, { payload: { to: 'bob' } });
  await queue.cancelJob(found!);
  await queue.findJob(emails, found!);
  await queue.waitFor(found!, { timeout: 1 });
  // @ts-expect-error: it may be unreadable
  found?.payload.to.trim();
  // @ts-expect-error: the pipeline has other payloads
  const wrong: FoundJob<number> | KeptJob<number> | undefined = await queue.findJob(emails, id);
  // @ts-expect-error: the pipeline has other payloads
  const others: FoundJob<number>[] = await queue.peek(emails, 'ready');
  // @ts-expect-error: a name has no type to give
  await queue.findJob('emails', id);
  // @ts-expect-error: it is unknown
  const text: string | undefined = (await queue.findJob(id))?.payload;
  void [byKey, next, ended, one, handled, given, amount, result, delay, anything, wrong, others, text];
}

export class Listeners {
  @OnJob('completed', { pipeline: emails })
  completed({ job, ran }: JobEvent<'completed', Email>): unknown {
    return [job.payload?.to, job.raw, ran?.toFixed(1)];
  }

  @OnJob('buried')
  buried({ job, reason }: JobEvent<'buried'>): unknown {
    return [job.payload, reason];
  }

  @OnJob('retried', { pipeline: 'emails' })
  retried({ job: { payload, unreadable } }: JobEvent<'retried', Email>): unknown {
    return [payload?.to, unreadable?.code];
  }

  /** A listener hears of what was added. */
  @OnJob('lost', { pipeline: reminders })
  lost({ job }: JobEvent<'lost', { at: string }>): unknown {
    return job.payload?.at.trim();
  }

  // @ts-expect-error: the pipeline has other payloads
  @OnJob('completed', { pipeline: emails })
  wrong({ job }: JobEvent<'completed', number>): unknown {
    return job.payload;
  }
}

@Processor(emails)
export class Handlers {
  @Process(emails)
  send(job: JobOf<typeof emails>): string {
    return job.payload.to;
  }

  @Process(reminders)
  remind({ payload }: Job<{ at: Date }>): number {
    return payload.at.getTime();
  }

  @Process(letters, { transaction: true })
  async print({ payload, manager }: TransactionalJob<Letter>): Promise<void> {
    await manager.query('select ?', [payload.copies]);
  }

  @Process(emails)
  async inParts(@Payload() email: Email, @JobId() id: JobId, @Attempt() attempt: number): Promise<void> {
    await Promise.resolve([email.to, id, attempt]);
  }

  @Process(emails)
  async withoutJob(): Promise<void> {}

  @Process(emails)
  destructured({ payload: { to } }: { payload: Email }): string {
    return to;
  }

  @Process(emails, { cron: '0 3 * * *', timeZone: 'Asia/Seoul', payload: { to: 'ada' }, missed: 'all' })
  nightly({ payload, slot, schedule }: Job<Email>): unknown {
    return [payload.to, slot?.getTime(), schedule?.length];
  }

  @Process(reminders, { every: '10m', payload: (slot) => ({ at: slot.toISOString() }), attempts: 3 })
  often({ payload }: Job<{ at: Date }>): number {
    return payload.at.getTime();
  }

  @Process('untyped', { every: 60, payload: (slot) => slot.getTime(), overlap: false, priority: 1 })
  untyped(): void {}

  // @ts-expect-error: what the function makes is what addJob would take
  @Process(reminders, { every: '10m', payload: (slot) => ({ at: slot }) })
  otherPayload(): void {}

  // @ts-expect-error: it is no Email
  @Process(emails, { every: '10m', payload: 'ada' })
  noEmail(): void {}

  // @ts-expect-error: there is no such choice
  @Process('untyped', { every: '10m', missed: 'twice' })
  twice(): void {}

  // @ts-expect-error: the pipeline has other payloads
  @Process(emails)
  alsoWrong({ payload }: { payload: { to: Date } }): Date {
    return payload.to;
  }

  // @ts-expect-error: the pipeline has other payloads
  @Process(emails)
  wrong(job: Job<number>): void {
    void job;
  }

  // @ts-expect-error: the handler gets what the schema makes of it
  @Process(reminders)
  early(job: Job<{ at: string }>): void {
    void job;
  }

  // @ts-expect-error: without the option a job has no such manager
  @Process(letters)
  unsafe(job: TransactionalJob<Letter>): void {
    void job;
  }
}

export async function schedules({ schedules }: JobQueueService): Promise<void> {
  await schedules.set('one', { pipeline: emails, cron: '@daily', payload: { to: 'ada' } });
  await schedules.set('two', { pipeline: 'any name', every: '1h', payload: 5, ttr: '2m', attempts: 2 });
  await schedules.set('three', { pipeline: reminders, every: 60, payload: { at: '2026-11-24T00:00:00Z' } });
  const next: Date[] = await schedules.next('one', 5);
  const last: Date | undefined = (await schedules.get('one'))?.last;
  const id: JobId = await schedules.runNow('one');
  // @ts-expect-error: it is no Email
  await schedules.set('one', { pipeline: emails, cron: '@daily', payload: { too: 'ada' } });
  // @ts-expect-error: somewhere the jobs have to go
  await schedules.set('one', { cron: '@daily' });
  // @ts-expect-error: a schedule says when, not a delay
  await schedules.set('one', { pipeline: emails, cron: '@daily', delay: 5 });
  // @ts-expect-error: a function is a handler's
  await schedules.set('one', { pipeline: emails, cron: '@daily', payload: () => ({ to: 'ada' }) });
  void [next, last, id];
}

export async function atRunTime(queue: JobQueueService): Promise<void> {
  await using running = await queue.process(reminders, ({ payload }) => payload.at.getTime());
  // @ts-expect-error: the payload is no text
  await queue.process(emails, ({ payload }: Job<string>) => payload);
  void running;
}
