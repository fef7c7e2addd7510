import { clockOff } from './support/faketime';
import { steadyClock } from './support/journal';
import { itSurvives } from './support/scene';
import type { ServerSystem } from './support/system';

/** Workers whose clocks are wrong: time is the server's. */
export function describeClocks(system: ServerSystem): void {
  itSurvives('workers whose clocks are off by an hour', system, async (scene) => {
    const [early, late] = await Promise.all([
      scene.worker({ CONCURRENCY: '5', ...clockOff('+1h') }),
      scene.worker({ CONCURRENCY: '5', ...clockOff('-1h') }),
    ]);
    const addedAt = steadyClock();
    await scene.producer.add(10, {}, { delay: 1 });
    // Longer than their time to run: they are renewed.
    await scene.producer.add(6, { takes: 5 }, { ttr: 3 });
    await scene.sees(16, 'completed');
    const [firstDelayed] = scene.journal.entries('started').filter(({ task }) => task < 10);
    expect(firstDelayed?.at).toBeGreaterThan(addedAt + 0.99);
    expect(scene.journal.entries('started')).toHaveLength(16);

    await scene.producer.add(20, { takes: 0.1 });
    await scene.sees(16 + 6, 'started');
    await scene.kill(early);
    await scene.sees(16 + 14, 'completed');
    expect(late.ended).toBe(false);
  });
}
