import { definePipeline, type JobQueueService, type QueueBackend } from '../../lib/index';
import { memoryBackend } from '../../lib/testing';
import { coded } from '../support/coded';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

const pictures = definePipeline<{ name: string }>('pictures');

let queue: JobQueueService;
let backend: QueueBackend;

beforeEach(async () => {
  backend = memoryBackend();
  ({ queue } = await queueApplication([], { backend, defaults: { keep: { completed: '7d' } } }));
});
afterEach(closeApplications);

const kept = (id: string) =>
  until('it is kept', () => backend.features.history!.find(id).then((job) => job ?? false));

describe('the option keep', () => {
  it('keeps what a handler returns, with times and the process', async () => {
    await queue.process(pictures, ({ payload }) => ({ of: payload.name }));
    const id = await queue.addJob(pictures, { name: 'ada' });
    const job = await kept(id);
    expect(job).toMatchObject({ id, state: 'completed', attempts: 1, result: '{"of":"ada"}' });
    expect(job.worker).toMatch(new RegExp(`:${process.pid}$`));
    expect(job.startedAt!.getTime()).toBeLessThanOrEqual(job.endedAt.getTime());
  });

  it('keeps why earlier attempts failed', async () => {
    await queue.process(
      pictures,
      ({ attempt }) => {
        if (attempt === 1) throw new Error('no memory');
      },
      { attempts: 2 },
    );
    const job = await kept(await queue.addJob(pictures, { name: 'ada' }));
    expect(job.attempts).toBe(2);
    expect(job.result).toBeUndefined();
    expect(job.failures).toMatchObject([
      { attempt: 1, error: expect.stringContaining('no memory') as string },
    ]);
  });

  it.each([
    ['JSON cannot hold', () => ({ at: 1n }), 'result.at is a bigint, which JSON does not hold'],
    ['is too long', () => 'x'.repeat(1_048_576), 'it has 1048578 bytes, and 1048576 are the most'],
  ])('completes a job whose result %s', async (_, handler, problem) => {
    await queue.process(pictures, handler);
    const id = await queue.addJob(pictures, { name: 'ada' });
    const job = await kept(id);
    expect(job.result).toBeUndefined();
    expect(job.error).toContain(`The result of job ${id} is not kept: ${problem}`);
  });

  it('still buries a job whose handler answers false', async () => {
    await queue.process(pictures, () => false);
    const id = await queue.addJob(pictures, { name: 'ada' });
    await until('it is buried', async () => (await queue.getBuriedCount(pictures)) === 1);
    expect(await backend.features.history!.find(id)).toBeUndefined();
  });

  it('is the nearest one that says it', async () => {
    await queue.process(pictures, () => 1, { keep: { completed: false } });
    const id = await queue.addJob(pictures, { name: 'ada' });
    const own = await queue.addJob(pictures, { name: 'bob' }, { keep: { completed: 'forever' } });
    await kept(own);
    expect(await backend.features.history!.find(id)).toBeUndefined();
  });

  it.each([
    [{ completed: {} }, 'needs for, count or both'],
    [{ completed: { count: 0 } }, 'keep.completed.count must be an integer'],
    [{ completed: '0s' }, 'keep.completed must be a duration'],
    [{ buried: '1d' }, 'is not a job’s own'],
    [{ done: '1d' }, 'unknown option done in keep'],
  ])('of a job is refused: %j', async (keep, problem) => {
    await expect(queue.addJob(pictures, { name: 'ada' }, { keep: keep as object })).rejects.toThrow(
      coded('INVALID_JOB_OPTION', { message: expect.stringContaining(problem) as string }),
    );
  });
});
