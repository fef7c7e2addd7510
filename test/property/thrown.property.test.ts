import fc from 'fast-check';
import { OnJob, Process, Processor } from '../../lib/index';
import { closeApplications, queueApplication } from '../nest/application';
import { until } from '../support/until';
import { type Hostile, hostile } from './hostile';

/* Whatever a handler or a listener throws: the job is buried with a reason, and the worker goes on. */

afterEach(closeApplications);

it('buries the job of a handler that throws anything, and tells it once', async () => {
  let thrown: Hostile | undefined;
  const told: string[] = [];

  @Processor('p', { attempts: 1 })
  class ThrowingProcessor {
    @Process()
    handle(): void {
      throw thrown?.make();
    }

    @OnJob('buried')
    buried({ reason }: { reason: string }): never {
      told.push(reason);

      throw thrown?.make();
    }
  }

  const { queue } = await queueApplication([ThrowingProcessor]);
  await fc.assert(
    fc.asyncProperty(hostile, async (one) => {
      thrown = one;
      told.length = 0;
      const id = await queue.addJob('p', 1);
      const job = await until('the job is buried', async () => {
        const found = await queue.findJob(id);
        return found?.state === 'buried' ? found : undefined;
      });
      await until('the listener is told', () => told.length > 0);
      expect(told).toHaveLength(1);
      expect(job.reason).toBe(told[0]);
      expect(typeof job.reason).toBe('string');
      expect(Buffer.byteLength(job.reason ?? '')).toBeLessThanOrEqual(65_536);
      await queue.deleteJob(id);
    }),
    { numRuns: 200, seed: 1 },
  );
});
