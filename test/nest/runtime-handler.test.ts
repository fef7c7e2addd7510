import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  definePipeline,
  type Job,
  JobQueueService,
  Process,
  Processor,
  type RunningHandler,
} from '../../lib/index';
import { coded } from '../support/coded';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

const seen: unknown[] = [];

beforeEach(() => seen.splice(0));
afterEach(closeApplications);

@Processor('letters')
class LetterProcessor {
  @Process()
  send({ payload }: Job): void {
    seen.push(payload);
  }
}

describe('a handler that is registered at run time', () => {
  it('handles jobs until it is closed, and lets the running one end', async () => {
    const { queue } = await queueApplication();
    const mail = definePipeline<{ to: string }>('mail');
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const handler = await queue.process(mail, async ({ payload }) => {
      seen.push(`start ${payload.to}`);
      await held;
      seen.push(`end ${payload.to}`);
    });
    await queue.addJob(mail, { to: 'ada' });
    await until('the job runs', () => seen.length === 1);
    await queue.addJob(mail, { to: 'bob' });

    const closed = handler.close();
    release();
    await closed;
    await handler.close();
    expect(seen).toEqual(['start ada', 'end ada']);
    expect(await queue.getReadyCount(mail)).toBe(1);
    expect(await queue.getReservedCount(mail)).toBe(0);
  });

  it('takes the options of handlers', async () => {
    const { queue } = await queueApplication();
    await queue.process(
      'mail',
      ({ attempt }) => {
        seen.push(attempt);
        if (attempt === 1) throw new Error('not yet');
      },
      { attempts: 2, backoff: 0 },
    );
    await queue.addJob('mail', {});
    await until('the job ran twice', () => seen.length === 2);
    expect(seen).toEqual([1, 2]);
    await expect(queue.process('post', () => {}, { concurrency: 0 })).rejects.toThrow(
      coded('PROCESSOR_MISCONFIGURED'),
    );
  });

  it('makes room for another one when it is disposed of', async () => {
    const { queue } = await queueApplication();
    {
      await using first = await queue.process('mail', () => seen.push('first'));
      await expect(queue.process('mail', () => {})).rejects.toThrow(coded('PROCESSOR_MISCONFIGURED'));
      await queue.addJob(first.pipeline, {});
      await until('the first one runs', () => seen.length === 1);
    }
    await queue.process('mail', () => seen.push('second'));
    await queue.addJob('mail', {});
    await until('the second one runs', () => seen.length === 2);
    expect(seen).toEqual(['first', 'second']);
  });

  it('ends nobody else’s when it is closed again', async () => {
    const { queue } = await queueApplication();
    const first = await queue.process('mail', () => {});
    await first.close();
    await queue.process('mail', () => seen.push('second'));
    await first.close();
    await queue.addJob('mail', {});
    await until('the second one runs', () => seen.length === 1);
    await expect(queue.process('mail', () => {})).rejects.toThrow(coded('PROCESSOR_MISCONFIGURED'));
  });

  it('is waited for at the end of the application, even when it is being closed', async () => {
    const { app, queue } = await queueApplication();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const handler = await queue.process('mail', async () => {
      seen.push('start');
      await held;
      seen.push('end');
    });
    await queue.addJob('mail', {});
    await until('the job runs', () => seen.length === 1);
    const ends = [handler.close(), app.close().then(() => seen.push('application'))];
    release();
    await Promise.all(ends);
    expect(seen).toEqual(['start', 'end', 'application']);
  });

  it('is refused where a processor handles the pipeline', async () => {
    const { queue } = await queueApplication([LetterProcessor]);
    await expect(queue.process('letters', () => {})).rejects.toThrow(
      coded('PROCESSOR_MISCONFIGURED', {
        message:
          "The pipeline letters has two handlers: LetterProcessor.send and process('letters') both handle it. Remove one.",
      }),
    );
  });

  it('starts with the application when it is registered before', async () => {
    @Injectable()
    class Registrar implements OnModuleInit {
      constructor(private readonly queue: JobQueueService) {}

      async onModuleInit(): Promise<void> {
        await this.queue.process('mail', ({ payload }) => seen.push(payload));
        const closed: RunningHandler = await this.queue.process('post', () => seen.push('never'));
        await closed.close();
      }
    }
    const { queue } = await queueApplication([Registrar]);
    await queue.addJob('post', 'p');
    await queue.addJob('mail', 'm');
    await until('the job is handled', () => seen.length === 1);
    expect(seen).toEqual(['m']);
  });

  it('does nothing where the process works on no jobs', async () => {
    const { queue } = await queueApplication([], { workers: false });
    const handler = await queue.process('mail', () => seen.push('never'));
    await queue.addJob('mail', {});
    await handler.close();
    expect(await queue.getReadyCount('mail')).toBe(1);
    expect(seen).toEqual([]);
  });

  it('is refused when the application is ending', async () => {
    const { app, queue } = await queueApplication();
    await app.close();
    await expect(queue.process('mail', () => {})).rejects.toThrow(coded('BACKEND_CLOSED'));
  });
});
