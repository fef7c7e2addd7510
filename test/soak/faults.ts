import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/until';
import type { WorkerProcess } from '../support/worker-process';
import type { History, Trouble } from './history';
import type { Place } from './place';
import type { Random } from './random';
import type { WorkerPool } from './worker-pool';

export interface Scene {
  readonly place: Place;
  readonly pool: WorkerPool;
  readonly history: History;
  readonly random: Random;
}

interface Fault {
  readonly name: string;
  readonly weight: number;
  readonly possible?: (place: Place) => boolean;
  readonly happen: (scene: Scene) => Promise<void>;
}

const hasServer = ({ server }: Place): boolean => server !== undefined;

const faults: readonly Fault[] = [
  { name: 'a worker is killed', weight: 4, happen: ofWorker(({ pool }, worker) => pool.kill(worker)) },
  {
    name: 'a worker is stopped in order',
    weight: 3,
    happen: ofWorker(({ pool }, worker) => pool.stop(worker)),
  },
  {
    name: 'a worker stands still',
    weight: 3,
    happen: ofWorker(async ({ history, place, random }, worker) => {
      await during(history, 'stopped', worker.pid, async () => {
        worker.signal('SIGSTOP');
        try {
          const still = () => seconds(random.between(0.5, 6));
          // Whoever stands still with the lock of a SQLite file makes everybody wait.
          await (place.isLocked?.() ? during(history, 'file locked', undefined, still) : still());
        } finally {
          worker.signal('SIGCONT');
        }
      });
    }),
  },
  {
    name: 'every connection is cut',
    weight: 3,
    possible: hasServer,
    happen: ({ history, place }) =>
      during(history, 'network', undefined, async () => {
        for (const proxy of place.proxies) proxy.cutAll();
      }),
  },
  {
    name: 'the packets of every connection are swallowed',
    weight: 2,
    possible: hasServer,
    happen: ({ history, place }) =>
      during(history, 'network', undefined, async () => {
        for (const proxy of place.swallowing) proxy.swallow();
        // As long as the connections are believed in.
        await seconds(SWALLOWED);
        // beanstalkd may forget to end a reservation of a connection that does nothing more: only its end frees the job.
        if (!place.dataSource) for (const proxy of place.swallowing) proxy.endSwallowed();
      }),
  },
  {
    name: 'the server is killed and started',
    weight: 2,
    possible: hasServer,
    happen: ({ history, place, random }) =>
      during(history, 'server', undefined, async () => {
        await place.server?.kill();
        await seconds(random.between(0, 4));
        await place.server?.start();
      }),
  },
  {
    name: 'the server stands still',
    weight: 2,
    possible: hasServer,
    happen: ({ history, place, random }) =>
      during(history, 'server', undefined, async () => {
        place.server?.freeze();
        await seconds(random.between(0.5, 6));
        place.server?.thaw();
      }),
  },
  {
    name: 'another program holds the lock of the file',
    weight: 4,
    possible: (place) => place.lock !== undefined,
    happen: ({ history, place, random }) =>
      during(history, 'file locked', undefined, async () => {
        const release = place.lock?.();
        await seconds(random.between(0.2, 3));
        release?.();
      }),
  },
];

/** In seconds: every statement has an end by then. */
const SWALLOWED = 15;

/** Lets one fault happen, and returns its name. */
export async function somethingHappens(scene: Scene): Promise<string> {
  const possible = faults.filter((fault) => fault.possible?.(scene.place) ?? true);
  const fault = scene.random.weighted(possible.map((one) => [one.weight, one] as const));
  await fault.happen(scene);
  return fault.name;
}

function ofWorker(act: (scene: Scene, worker: WorkerProcess) => unknown): Fault['happen'] {
  return async (scene) => {
    const alive = await until('a worker works', () => nonEmpty(scene.pool.alive), { within: 60 });
    const worker = scene.random.weighted(alive.map((one) => [1, one] as const));
    await act(scene, worker);
  };
}

function nonEmpty<T>(all: readonly T[]): readonly T[] | undefined {
  return all.length > 0 ? all : undefined;
}

async function during(
  history: History,
  trouble: Trouble,
  worker: number | undefined,
  act: () => Promise<void>,
): Promise<void> {
  const whose = worker === undefined ? {} : { worker };
  history.write({ kind: 'trouble begins', trouble, ...whose });
  try {
    await act();
  } finally {
    history.write({ kind: 'trouble ends', trouble, ...whose });
  }
}

function seconds(duration: number): Promise<void> {
  return sleep(duration * 1000);
}
