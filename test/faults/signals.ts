import { itSurvives } from './support/scene';
import type { System } from './support/system';

/** A worker is asked to stop. */
export function describeSignals(system: System): void {
  itSurvives('SIGTERM under load', system, async (scene) => {
    const [worker] = await Promise.all([
      scene.worker({ CONCURRENCY: '5' }),
      scene.worker({ CONCURRENCY: '5' }),
    ]);
    await scene.producer.add(100, { takes: 0.05 });
    await scene.sees(20, 'handled');
    worker.signal('SIGTERM');
    expect(await worker.exitCode()).toBe(0);
    scene.faultIsOver();
  });

  itSurvives('SIGTERM, and handlers that do not end in time', system, async (scene) => {
    const worker = await scene.worker({ CONCURRENCY: '5', SHUTDOWN_TIMEOUT: '0.5' });
    await scene.producer.add(5, { until: scene.path('released') }, { ttr: 60 });
    await scene.sees(5, 'started');
    worker.signal('SIGTERM');
    expect(await scene.sudden(worker)).toBe(0);
    // At once, long before their time is over, and without counting an attempt.
    expect(await scene.producer.queue.stats(scene.pipeline)).toMatchObject({ ready: 5, reserved: 0 });
    await scene.release();
    await scene.worker({ CONCURRENCY: '5' });
  });

  itSurvives('a second SIGTERM', system, async (scene) => {
    const worker = await scene.worker({ CONCURRENCY: '5' });
    await scene.producer.add(20, { until: scene.path('released') });
    await scene.sees(5, 'started');
    worker.signal('SIGTERM');
    await worker.prints('no more jobs are reserved');
    worker.signal('SIGTERM');
    expect(await scene.sudden(worker)).toBe(1);
    await scene.release();
    await scene.worker({ CONCURRENCY: '5' });
  });
}
