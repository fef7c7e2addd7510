import type { Counting } from '../../lib/core/contract/ports/counting';
import { type BrokenBackend, overriding } from './broken-backends';

/* Faults in counts of many pipelines. */

function counting(
  fault: string,
  caughtBy: string,
  broken: (sound: Counting) => Partial<Counting>,
): BrokenBackend {
  return {
    fault,
    caughtBy,
    features: ({ features }) => ({ counting: overriding(features.counting!, broken(features.counting!)) }),
  };
}

const FOUND = 'pipelines are found by a job in any state, and come sorted';
const TOGETHER = 'several pipelines are counted at once, in the order in which they were asked for';
const LIMITED = 'nothing is counted beyond the limit, and what is left out is told';

export const brokenCounting: readonly BrokenBackend[] = [
  counting('finds pipelines in an order of its own', FOUND, (sound) => ({
    pipelines: async () => (await sound.pipelines()).reverse(),
  })),
  counting('finds no pipeline whose only job is reserved', FOUND, (sound) => ({
    pipelines: async () => {
      const names = await sound.pipelines();
      const counts = await sound.count(names, 10);
      return names.filter((_, index) => counts[index]!.reserved === 0);
    },
  })),
  counting('leaves out the pipelines without jobs', TOGETHER, (sound) => ({
    count: async (pipelines, limit) =>
      (await sound.count(pipelines, limit)).filter(({ ready, buried }) => ready + buried > 0),
  })),
  counting('counts pipelines in an order of its own', TOGETHER, (sound) => ({
    count: async (pipelines, limit) => (await sound.count(pipelines, limit)).reverse(),
  })),
  counting('knows of no pause', TOGETHER, (sound) => ({
    count: async (pipelines, limit) =>
      (await sound.count(pipelines, limit)).map((counts) => ({ ...counts, pausedFor: 0 })),
  })),
  counting('counts to the end', LIMITED, (sound) => ({
    count: (pipelines) => sound.count(pipelines, 1000),
  })),
  counting('does not tell that it stopped counting', LIMITED, (sound) => ({
    count: async (pipelines, limit) =>
      (await sound.count(pipelines, limit)).map((counts) => ({ ...counts, more: [] })),
  })),
];
