import { until } from '../support/until';
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
    const { queue } = scene.producer;
    // A process that is killed in its first quarter of a second is known to nobody.
    await until('the others can know of it', () =>
      queue.workers().then(
        (workers) => workers.some(({ pid }) => pid === worker.pid),
        ({ code }: { code?: string }) => code === 'UNSUPPORTED_BY_BACKEND',
      ),
    );
    // Longer than anything here lasts: no job comes back because its time is over.
    await scene.producer.add(2000, {}, { ttr: 600 });
    await scene.sees(500, 'completed', worker);
    await scene.kill(worker);
    const killed = performance.now();
    // Servers lend more, because it is known soon who was killed.
    const most = ['postgres', 'mysql', 'mariadb'].includes(system.name) ? 2010 : 100;
    expect((await queue.stats(scene.pipeline)).reserved).toBeLessThanOrEqual(most);
    await scene.worker({ CONCURRENCY: '10' });
    await until('all is done', async () => {
      const { ready, reserved } = await queue.stats(scene.pipeline);
      return ready + reserved === 0;
    });
    // 5 s, and the start of a process beside other tests.
    expect(performance.now() - killed).toBeLessThan(10_000);
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
