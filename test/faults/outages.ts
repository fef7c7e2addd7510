import { until } from '../support/until';
import type { WorkerProcess } from '../support/worker-process';
import { steadyClock } from './support/journal';
import { itSurvives } from './support/scene';
import type { ServerSystem } from './support/system';

const BROKEN = 'does not answer, trying again until it does';
const BACK = 'answers again after';

/** The server goes away, or does not answer. */
export function describeOutages(system: ServerSystem): void {
  const ends: [fault: string, end: () => Promise<void>][] = [
    ['the server is stopped and started under load', () => system.server.stop()],
    ['the server is killed and started under load', () => system.server.kill()],
  ];
  for (const [fault, end] of ends) {
    itSurvives(fault, system, async (scene) => {
      const workers = await Promise.all([
        scene.worker({ CONCURRENCY: '5' }),
        scene.worker({ CONCURRENCY: '5' }),
        scene.worker({ PIPELINE: `${scene.pipeline}-idle` }),
      ]);
      // They end while the server is away and are settled when it is back.
      await scene.producer.add(4, { until: scene.path('released') }, { ttr: 20 });
      await scene.producing({}, async () => {
        await scene.sees(20, 'handled');
        await end();
        await all(workers, BROKEN);
        await Promise.all([scene.seesMore(4, 'handled'), scene.release()]);
        await system.server.start();
        scene.faultIsOver();
        await all(workers, BACK);
        await scene.seesMore(20, 'completed');
      });
      expect(workers.map((worker) => [timesPrinted(worker, BROKEN), timesPrinted(worker, BACK)])).toEqual(
        workers.map(() => [1, 1]),
      );
    });
  }

  // beanstalkd gives a job back when its connection ends.
  if (system.name !== 'beanstalkd')
    itSurvives('a worker starts after an outage, before another one is back', system, async (scene) => {
      const worker = await scene.worker();
      await scene.producer.add(1, { until: scene.path('released') }, { ttr: 1 });
      await scene.sees(1, 'started');
      await until('it is registered', async () => (await scene.producer.queue.workers()).length > 0);
      await system.server.stop();
      await worker.prints(BROKEN);
      const stoppedAt = steadyClock();
      await until('the ttr is over', () => steadyClock() > stoppedAt + 1);
      worker.signal('SIGSTOP');
      await system.server.start();
      const newcomer = await scene.worker({ CONCURRENCY: '2' });
      await scene.producer.add(1);
      await scene.sees(1, 'handled', newcomer);
      worker.signal('SIGCONT');
      await worker.prints(BACK);
      scene.faultIsOver();
      await scene.release();
      await scene.sees(2, 'completed');
      expect(scene.journal.entries('started')).toHaveLength(2);
    });

  itSurvives('the server is frozen past the ttr', system, async (scene) => {
    await Promise.all([scene.worker({ CONCURRENCY: '5' }), scene.worker({ CONCURRENCY: '5' })]);
    await scene.producing({}, async () => {
      await scene.sees(20, 'handled');
      await frozen(system, async () => {
        const frozenAt = steadyClock();
        await until('the ttr is over twice', () => steadyClock() > frozenAt + 2);
      });
      scene.faultIsOver();
      await scene.seesMore(20, 'completed');
    });
  });

  itSurvives('SIGTERM while the server is away', system, async (scene) => {
    const worker = await scene.worker({ CONCURRENCY: '5', SHUTDOWN_TIMEOUT: '1' });
    await scene.producer.add(10, { takes: 0.2 });
    await scene.sees(5, 'started');
    await system.server.stop();
    worker.signal('SIGTERM');
    expect(await scene.sudden(worker)).toBe(0);
    await system.server.start();
    await scene.worker({ CONCURRENCY: '5' });
  });

  itSurvives('SIGTERM while the server is frozen', system, async (scene) => {
    const worker = await scene.worker({ CONCURRENCY: '5', SHUTDOWN_TIMEOUT: '1' });
    await scene.producer.add(10, { takes: 0.2 });
    await scene.sees(5, 'started');
    await frozen(system, async () => {
      worker.signal('SIGTERM');
      expect(await scene.sudden(worker)).toBe(0);
    });
    await scene.worker({ CONCURRENCY: '5' });
  });
}

async function frozen({ server }: ServerSystem, meanwhile: () => Promise<void>): Promise<void> {
  server.freeze();
  try {
    await meanwhile();
  } finally {
    server.thaw();
  }
}

async function all(workers: readonly WorkerProcess[], text: string): Promise<void> {
  await Promise.all(workers.map((worker) => worker.prints(text)));
}

function timesPrinted(worker: WorkerProcess, text: string): number {
  return worker.output.split(text).length - 1;
}
