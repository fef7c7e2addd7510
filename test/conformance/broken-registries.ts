import type { Leases } from '../../lib/core/contract/leases';
import type { Membership, Registry } from '../../lib/core/contract/ports/registry';
import { type BrokenBackend, overriding } from './broken-backends';

/* Faults in what a backend knows of the processes that work on its jobs. */

function registering(
  fault: string,
  caughtBy: string,
  broken: (sound: Registry) => Partial<Registry>,
): BrokenBackend {
  const registry = (sound: Registry) => overriding(sound, broken(sound));
  return {
    fault,
    caughtBy,
    features: ({ features }) => ({ registry: registry(features.registry!) }),
  };
}

/** One whose processes do these things in their own way. */
function joining(
  fault: string,
  caughtBy: string,
  broken: (sound: Membership, registry: Registry) => Partial<Membership>,
): BrokenBackend {
  return registering(fault, caughtBy, (sound) => ({
    join: () => {
      const one = sound.join();
      return overriding(one, broken(one, sound));
    },
  }));
}

export const brokenRegistries: readonly BrokenBackend[] = [
  registering(
    'lists one process of several',
    'the oldest process is the first one, whoever has said something last',
    (sound) => ({ list: async () => (await sound.list()).slice(-1) }),
  ),
  registering(
    'lists those first that have said something last',
    'the oldest process is the first one, whoever has said something last',
    (sound) => ({ list: async () => (await sound.list()).reverse() }),
  ),
  joining(
    'forgets on what a process works but for the first pipeline',
    'a process is listed from its first beat on, as it has said',
    (sound) => ({
      beat: (report) => sound.beat({ ...report, pipelines: report.pipelines.slice(0, 1) }),
    }),
  ),
  joining('makes up a version', 'a process whose version is not known is listed without one', (sound) => ({
    beat: (report) => sound.beat({ version: '', ...report }),
  })),
  joining(
    'takes each beat for that of a new process',
    'each beat says anew what it is like, and leaves it as old as it is',
    (_sound, registry) => ({ beat: (report) => registry.join().beat(report) }),
  ),
  joining(
    'keeps what a process has said first',
    'each beat says anew what it is like, and leaves it as old as it is',
    (sound) => {
      let first: Parameters<Membership['beat']>[0] | undefined;
      return { beat: (report) => sound.beat((first ??= report)) };
    },
  ),
  joining(
    'begins a process anew with each beat',
    'each beat says anew what it is like, and leaves it as old as it is',
    (sound) => ({
      beat: async (report) => {
        await sound.leave();
        await sound.beat(report);
      },
    }),
  ),
  joining('forgets nobody who has left', 'who has left is listed no more, and others are', () => ({
    leave: () => Promise.resolve(),
  })),
  registering('forgets all when one leaves', 'who has left is listed no more, and others are', (sound) => {
    const all: Membership[] = [];
    return {
      join: () => {
        const one = sound.join();
        all.push(one);
        const leave = async (): Promise<void> => {
          for (const each of all) await each.leave();
        };
        return overriding(one, { leave });
      },
    };
  }),
  joining('lets nobody come back', 'who comes back after it has left is listed again', (sound) => {
    let left = false;
    return {
      beat: async (report) => {
        if (!left) await sound.beat(report);
      },
      leave: async () => {
        left = true;
        await sound.leave();
      },
    };
  }),
  registering(
    'lists the dead for ever',
    'who is silent is listed no more, and holds what it holds',
    (sound) => {
      const beats = new Set<() => Promise<unknown>>();
      return {
        join: () => {
          const one = sound.join();
          const beat: Membership['beat'] = (report) => {
            beats.add(() => one.beat(report));
            return one.beat(report);
          };
          return overriding(one, { beat });
        },
        list: async () => {
          for (const beat of beats) await beat();
          return sound.list();
        },
      };
    },
  ),
  {
    fault: 'takes the jobs of who leaves',
    caughtBy: 'to leave ends no lease',
    ...takingJobs(),
  },
];

function takingJobs(): Pick<BrokenBackend, 'backend' | 'features'> {
  const open: Leases[] = [];
  return {
    backend: (sound) => ({
      lease: async (pipelines) => {
        const one = await sound.lease(pipelines);
        open.push(one);
        return one;
      },
    }),
    features: ({ features: { registry } }) => ({
      registry: overriding(registry!, {
        join: () =>
          overriding(registry!.join(), {
            leave: async () => void (await Promise.all(open.map((one) => one.close()))),
          }),
      }),
    }),
  };
}
