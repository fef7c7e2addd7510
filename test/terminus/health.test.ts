import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { type Job, JobQueueModule, JobQueueService, Process, Processor } from '../../lib/index';
import { JobQueueHealthIndicator, type JobQueueHealthOptions } from '../../lib/terminus';
import { memoryBackend } from '../../lib/testing';
import { application, closeApplications } from '../nest/application';
import { coded } from '../support/coded';
import { queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';

afterEach(closeApplications);

async function started(options: Parameters<typeof JobQueueModule.forRoot>[0] = {}): Promise<{
  queue: JobQueueService;
  check: (options?: JobQueueHealthOptions) => Promise<unknown>;
}> {
  const app = await application({
    imports: [TerminusModule, JobQueueModule.forRoot(options)],
    providers: [JobQueueHealthIndicator],
  });
  const health = app.get(JobQueueHealthIndicator);
  return {
    queue: app.get(JobQueueService),
    check: async (limits) => (await health.check('queue', limits)).queue,
  };
}

describe.each(selectedBackends())('the health of a queue on %s', (name) => {
  it('is up, and degraded by what is beyond its limit', async () => {
    const place = await queuePlaces[name]();
    const { pipeline } = place;
    const { queue, check } = await started({ backend: place.backend });
    const limits = { maxReady: 1, maxBuried: 0, maxOldestReady: '1h', pipelines: [pipeline] } as const;
    expect(await check()).toEqual({ status: 'up' });
    await queue.addJobs(pipeline, [{ payload: 'secret' }, { payload: 'secret' }]);
    expect(await check({ ...limits, maxReady: 2 })).toEqual({ status: 'up' });
    expect(await check(limits)).toEqual({ status: 'degraded', pipelines: { [pipeline]: { ready: 2 } } });
    const job = (await queue.getNextJobAndReserve(pipeline, { wait: 5 }))!;
    await queue.buryJob(job, { reason: 'secret' });
    expect(await check(limits)).toEqual({ status: 'degraded', pipelines: { [pipeline]: { buried: 1 } } });
    for (const state of ['ready', 'buried'] as const) await queue.clear(pipeline, state);
    expect(await check(limits)).toEqual({ status: 'up' });
    await closeApplications();
    await place.remove();
  });
});

it('is degraded when the next job was added too long ago', async () => {
  let now = Date.now();
  const { queue, check } = await started({ backend: memoryBackend({ clock: { now: () => now } as never }) });
  now -= 600_000;
  await queue.addJob('mail', 1);
  expect(await check({ maxOldestReady: '5m' })).toEqual({
    status: 'degraded',
    pipelines: { mail: { oldestReady: expect.closeTo(600, -1) as number } },
  });
  expect(await check({ maxOldestReady: '15m' })).toEqual({ status: 'up' });
});

it('is down with the code of the error alone when the queue is away, and when it does not answer', async () => {
  const backend = memoryBackend();
  const { check } = await started({ backend });
  await backend.close();
  expect(await check()).toEqual({ status: 'down', code: 'BACKEND_CLOSED' });
  await backend.connect();
  const find = jest.spyOn(backend.inspect, 'find').mockReturnValue(new Promise(() => undefined));
  expect(await check({ timeout: '20ms' })).toEqual({ status: 'down', code: 'TIMEOUT', seconds: 0.02 });
  find.mockRejectedValue(new Error('postgres://app:secret@db'));
  expect(await check()).toEqual({ status: 'down', code: 'UNKNOWN' });
  find.mockRestore();
  expect(await check()).toEqual({ status: 'up' });
});

it.each([
  [{ maxReady: -1 }, 'maxReady must be an integer'],
  [{ maxOldestReady: 'soon' as never }, 'maxOldestReady must be a duration'],
  [{ maxBurried: 1 } as never, 'did you mean maxBuried?'],
])('refuses %j', async (options, message) => {
  const { check } = await started({ backend: memoryBackend() });
  await expect(check(options)).rejects.toThrow(
    coded('INVALID_JOB_OPTION', { message: expect.stringContaining(message) }),
  );
});

it('tells which queue there is not', async () => {
  const { check } = await started({ backend: memoryBackend() });
  await expect(check({ queue: 'post' })).rejects.toThrow(coded('INVALID_CONFIGURATION'));
});

it('answers over HTTP: 200 when it is degraded, 503 when it is down', async () => {
  @Controller()
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly queue: JobQueueHealthIndicator,
    ) {}

    @Get('ready')
    ready(): Promise<unknown> {
      return this.health.check([() => this.queue.check('queue', { maxReady: 0 })]);
    }
  }

  @Processor('idle')
  class Idle {
    @Process()
    handle(_: Job): void {}
  }

  const backend = memoryBackend();
  @Module({
    imports: [TerminusModule, JobQueueModule.forRoot({ backend, workers: false })],
    controllers: [HealthController],
    providers: [JobQueueHealthIndicator, Idle],
  })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const asked = async () => {
    const answer = await fetch(`${await app.getUrl()}/ready`);
    return [answer.status, ((await answer.json()) as { status: string }).status];
  };
  expect(await asked()).toEqual([200, 'ok']);
  await app.get(JobQueueService).addJob('mail', 1);
  expect(await asked()).toEqual([200, 'degraded']);
  await backend.close();
  expect(await asked()).toEqual([503, 'error']);
  await backend.connect();
  await app.close();
});
