import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { limitFileSize } from './support/file-size-limit';
import { itSurvives, type Scene, WORKER } from './support/scene';
import { sqlite } from './support/system';

const ADDER = join(__dirname, 'support/adder.ts');
/** More than the journal will have, less than the queue's file has. */
const DISK_SIZE = 100_000;
const BALLAST = 'x'.repeat(20_000);
/** Root obeys no file's mode, unless this right is taken from it. */
const OBEDIENT = ['setpriv', '--bounding-set=-dac_override', '--inh-caps=-dac_override'];

/** What can happen to a queue in a file. */
export function describeFiles(): void {
  itSurvives('two processes on one file under load', sqlite, async (scene) => {
    await Promise.all([scene.worker({ CONCURRENCY: '10' }), scene.worker({ CONCURRENCY: '10' })]);
    await scene.producing({}, async () => {
      await scene.producer.add(1000);
      await scene.sees(1100, 'completed');
    });
    scene.faultIsOver();
  });

  itSurvives('the disk is full under load', sqlite, async (scene) => {
    const worker = await scene.worker({ CONCURRENCY: '5' });
    await scene.producer.add(10, { takes: 0.02, ballast: BALLAST });
    // They cannot end before the disk is full.
    await scene.producer.add(40, { until: scene.path('released'), ballast: BALLAST });
    await scene.sees(10, 'handled');
    limitFileSize(worker.pid, DISK_SIZE);
    await scene.release();
    await worker.prints('does not answer');
    limitFileSize(worker.pid, undefined);
    scene.faultIsOver();
    await worker.prints('answers again');
    expect(worker.output.match(/does not answer|answers again/g)).toHaveLength(2);
  });

  itSurvives('the disk is full when a job is added', sqlite, async (scene) => {
    await scene.producer.add(10, { ballast: BALLAST });
    const adding = scene.startProcess(ADDER, {}, ['prlimit', `--fsize=${DISK_SIZE}`]);
    expect(await adding.exitCode()).toBe(0);
    expect(adding.output).toContain('BACKEND_UNAVAILABLE');
    expect(await scene.producer.queue.getReadyCount(scene.pipeline)).toBe(10);
    expect(await scene.producer.addOne()).toBe(true);
    scene.faultIsOver();
    await scene.worker();
  });

  itSurvives('the file is read-only when a worker starts', sqlite, async (scene) => {
    await scene.producer.add(10);
    setMode(scene, 0o444);
    const worker = scene.startProcess(WORKER, {}, OBEDIENT);
    // No restart helps.
    expect(await worker.exitCode()).toBe(2);
    expect(worker.output).toContain('cannot be written by this process');
    setMode(scene, 0o644);
    scene.faultIsOver();
    await scene.worker();
  });
}

/** Of the database and the files beside it. */
function setMode(scene: Scene, mode: number): void {
  const files = readdirSync(scene.path('.')).filter((name) => name.startsWith('jobs.sqlite'));
  for (const file of files) chmodSync(scene.path(file), mode);
}
