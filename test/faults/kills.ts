import type { MomentOfDeath } from './support/mortal-backend';
import { itSurvives } from './support/scene';
import type { System } from './support/system';

const MOMENTS: [fault: string, moment: MomentOfDeath][] = [
  ['SIGKILL when jobs are claimed and not started', 'claimed'],
  ['SIGKILL while it settles and claims', 'settling'],
  ['SIGKILL when jobs are settled and it is not told', 'settled'],
];

/** A worker is killed while another one lives. */
export function describeKills(system: System): void {
  itSurvives('SIGKILL while jobs are handled', system, async (scene) => {
    const [worker] = await Promise.all([
      scene.worker({ CONCURRENCY: '5' }),
      scene.worker({ CONCURRENCY: '5' }),
    ]);
    await scene.producing({ takes: 0.1 }, async () => {
      await scene.sees(10, 'handled', worker);
      await scene.kill(worker);
    });
  });

  itSurvives('SIGKILL of a worker with quick handlers', system, async (scene) => {
    const worker = await scene.worker({ CONCURRENCY: '10' });
    await scene.producer.add(2000, {}, { ttr: 5 });
    await scene.sees(500, 'completed', worker);
    await scene.kill(worker);
    expect((await scene.producer.queue.stats(scene.pipeline)).reserved).toBeLessThanOrEqual(100);
    await scene.worker({ CONCURRENCY: '10' });
  });

  for (const [fault, moment] of MOMENTS) {
    itSurvives(fault, system, async (scene) => {
      const [worker] = await Promise.all([
        scene.worker({ CONCURRENCY: '5', DIES: moment }),
        scene.worker({ CONCURRENCY: '5' }),
      ]);
      await scene.producing({ takes: 0.05 }, () => scene.sudden(worker));
    });
  }
}
