import { until } from '../support/until';
import type { WorkerProcess } from '../support/worker-process';
import { itSurvives, itSurvivesAll, type Scene } from './support/scene';
import type { System } from './support/system';
import type { Task } from './support/task';

/** As many as a job may cost, and one that is left. */
const MAX_LOST = 3;
const WORKERS = MAX_LOST + 1;

const HARMS: [fault: string, harm: NonNullable<Task['harm']>][] = [
  ['a job that kills its process', 'kills itself'],
  ['a handler that leaks a rejection', 'leaks a rejection'],
];

/** Handlers that harm their process. */
export function describeMisbehaviour(system: System): void {
  // beanstalkd frees the jobs of a connection that ends and counts no timeout. There such a job is buried after
  // 30 workers, not 3: test/backends/beanstalkd-connections.test.ts.
  if (system.name !== 'beanstalkd') describePoison(system);

  itSurvives('a handler that blocks its process past the ttr', system, async (scene) => {
    await Promise.all([scene.worker({ CONCURRENCY: '2' }), scene.worker({ CONCURRENCY: '2' })]);
    await scene.producer.add(1, { blocks: 2.5 });
    await scene.producer.add(20, { takes: 0.1 });
    // beanstalkd may miss the end of a reservation while nobody speaks on its connection.
    await scene.sees(1, system.name === 'beanstalkd' ? 'completed' : 'lost');
    scene.faultIsOver();
  });
}

function describePoison(system: System): void {
  itSurvivesAll(
    [
      ...HARMS.map(([fault, harm]) => [fault, (scene: Scene) => meetPoison(scene, harm)] as const),
      // Jobs that were taken ahead of a free slot lose their reservations with the one that kills the process.
      ['a job that ends its process, with others taken ahead', meetPoisonWithOthers],
    ],
    system,
  );
}

async function meetPoison(scene: Scene, harm: NonNullable<Task['harm']>): Promise<void> {
  const workers = await fourWorkers(scene, { PREFETCH: 'no' });
  await scene.producer.add(10, { takes: 0.05 });
  const poison = await scene.producer.add(1, { harm });
  await scene.producer.add(10, { takes: 0.05 });
  await buriesOnly(poison, workers, scene);
}

async function meetPoisonWithOthers(scene: Scene): Promise<void> {
  const workers = await fourWorkers(scene);
  // They learn that handlers are quick.
  await scene.producer.add(400);
  await scene.sees(400, 'completed');
  // So that they find the poison with others behind it.
  await scene.producer.queue.pause(scene.pipeline, 60);
  const poison = await scene.producer.add(1, { harm: 'exits' });
  await scene.producer.add(40);
  await scene.producer.queue.resume(scene.pipeline);
  await buriesOnly(poison, workers, scene);
}

function fourWorkers(scene: Scene, environment: NodeJS.ProcessEnv = {}): Promise<WorkerProcess[]> {
  return Promise.all(Array.from({ length: WORKERS }, () => scene.worker(environment)));
}

/** Waits until the poison has cost all the workers that it may, and is buried with that reason; no other job is. */
async function buriesOnly(
  poison: number | undefined,
  workers: readonly WorkerProcess[],
  scene: Scene,
): Promise<void> {
  const buried = () => scene.journal.entries('buried').map(({ task }) => task);
  await until(
    'the poison is buried or has killed them all',
    () => buried().some((task) => task === poison) || workers.every(({ ended }) => ended),
    // The lease of its last run, which is alone, lasts 20 s longer.
    { within: 45 },
  );
  const dead = () => workers.filter((worker) => worker.ended);
  // The journal may be ahead of what we have heard of the processes: their ends, and what they print.
  await until('those that it cost have ended', () => dead().length >= MAX_LOST);
  for (const { pid } of dead()) scene.mourn(pid);
  expect(dead()).toHaveLength(MAX_LOST);
  const reason = `its worker was lost ${MAX_LOST} times while it ran`;
  await until(`a worker prints "${reason}"`, () => workers.some(({ output }) => output.includes(reason)));
  expect(buried()).toEqual([poison]);
}
