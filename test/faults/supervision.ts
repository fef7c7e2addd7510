import { sleep } from '../../lib/core/time/sleep';
import { Scene, WORKER } from './support/scene';
import { Supervisord } from './support/supervisord';
import type { System } from './support/system';

const FAULT = 'supervisord, a process killed every second';
const KILLS = 5;

/** Two programs of two processes each under supervisord, each with a pipeline of its own. */
export function describeSupervision(system: System): void {
  it(`survives: ${FAULT}`, async () => {
    const [letters, parcels] = [await Scene.open(system), await Scene.open(system)];
    const scenes = [letters, parcels];
    const program = (name: string, { environment }: Scene) => ({
      name,
      file: WORKER,
      processes: 2,
      environment: { ...environment, CONCURRENCY: '3', NO_COLOR: '1' },
    });
    const supervisord = await Supervisord.start([program('letters', letters), program('parcels', parcels)]);
    try {
      await letters.producing({ takes: 0.02 }, () =>
        parcels.producing({ takes: 0.02 }, async () => {
          await Promise.all(scenes.map((scene) => scene.sees(5, 'handled')));
          await killOneEverySecond(supervisord, scenes);
        }),
      );
      for (const scene of scenes) await scene.endsWell(FAULT);
    } finally {
      await supervisord.stop();
      for (const scene of scenes) await scene.close();
    }
  }, 90_000);
}

/** Whatever they do: work, or only start. */
async function killOneEverySecond(supervisord: Supervisord, scenes: readonly Scene[]): Promise<void> {
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(1);
    const children = supervisord.children();
    const victim = children[kill % children.length];
    if (victim === undefined) continue;
    process.kill(victim, 'SIGKILL');
    for (const scene of scenes) scene.mourn(victim);
  }
}
