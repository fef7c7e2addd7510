import { EventsGoneError } from '../../lib/core/contract/end-errors';
import { feature } from '../../lib/core/contract/features';
import type { EndEvent, Events } from '../../lib/core/contract/ports/events';
import type { History } from '../../lib/core/contract/ports/history';
import { type BrokenBackend, overriding } from './broken-backends';

/* Faults in what a backend tells of the ends of jobs. */

function telling(
  fault: string,
  caughtBy: string,
  broken: (sound: Events, history: History) => Partial<Events>,
): BrokenBackend {
  return {
    fault,
    caughtBy,
    features: (backend) => {
      const sound = feature(backend, 'events');
      return { events: overriding(sound, broken(sound, feature(backend, 'history'))) };
    },
  };
}

/** One that makes something else of each page. */
const paging = (fault: string, caughtBy: string, other: (page: EndEvent[]) => EndEvent[]): BrokenBackend =>
  telling(fault, caughtBy, (sound) => ({
    read: async (...request) => other(await sound.read(...request)),
  }));

/** What can be read, without a word of what cannot. */
async function readOn(
  sound: Events,
  ...[pipeline, after, limit]: Parameters<Events['read']>
): Promise<EndEvent[]> {
  try {
    return await sound.read(pipeline, after, limit);
  } catch (error) {
    if (error instanceof EventsGoneError) return readOn(sound, pipeline, Number(error.next), limit);
    throw error;
  }
}

export const brokenEvents: readonly BrokenBackend[] = [
  paging(
    'tells of a job without its result',
    'the ends of kept jobs are read one after the other, as the jobs are kept',
    (page) => page.map(({ number, job: { result: _result, ...job } }) => ({ number, job })),
  ),
  paging('tells of completed jobs alone', 'the end of a job that is called off is an event', (page) =>
    page.filter(({ job }) => job.state === 'completed'),
  ),
  paging('tells the newest first', 'the order is that in which they ended', (page) => {
    const jobs = page.map(({ job }) => job).reverse();
    return page.map(({ number }, index) => ({ number, job: jobs[index]! }));
  }),
  telling(
    'tells of the last event again',
    'a reader goes on after the last one that it has read',
    (sound) => ({
      read: async (pipeline, after, limit) => {
        const { before } = await sound.range(pipeline);
        return sound.read(pipeline, Math.max(before, after - 1), limit);
      },
    }),
  ),
  telling('tells of events of all pipelines', 'each pipeline has events of its own', (sound) => {
    const pipelines = new Set<string>();
    return {
      range: async (pipeline) => {
        pipelines.add(pipeline);
        return sound.range(pipeline);
      },
      read: async (pipeline, after, limit) => {
        const others = [...pipelines].filter((other) => other !== pipeline);
        const own = await sound.read(pipeline, after, limit);
        const all = await Promise.all(others.map((other) => sound.read(other, 0, limit)));
        return [...own, ...all.flat()];
      },
    };
  }),
  {
    fault: 'tells of every end as of one that is kept',
    caughtBy: 'what goes on, is buried, or is not kept, is no event',
    leases: (sound) => ({
      settle: (ends, next) =>
        sound.settle(
          ends.map((end) => (end.outcome === 'delete' ? { ...end, keep: { for: Infinity } } : end)),
          next,
        ),
    }),
  },
  telling('knows no oldest event', 'the range is that of what can be read', (sound) => ({
    range: async (pipeline) => ({ ...(await sound.range(pipeline)), before: 0, last: 0 }),
  })),
  telling(
    'misses what ends while it reads',
    'readers that read while jobs end miss none, and see the same order',
    (sound) => {
      // As one that orders by what transactions begin with, and not by what they end with.
      let reads = 0;
      return {
        read: async (pipeline, after, limit) => {
          reads += 1;
          const page = await sound.read(pipeline, after, limit);
          return reads % 5 === 0 && page.length > 1 ? page.slice(1) : page;
        },
      };
    },
  ),
  telling(
    'passes over events that are gone',
    'a reader is told of events that are gone, and where it can go on',
    (sound) => ({ read: (...request) => readOn(sound, ...request) }),
  ),
  telling(
    'does not say where a reader can go on',
    'a reader is told of events that are gone, and where it can go on',
    (sound) => ({
      read: async (pipeline, after, limit) => {
        try {
          return await sound.read(pipeline, after, limit);
        } catch (error) {
          if (error instanceof EventsGoneError) throw new EventsGoneError(pipeline, String(after), '0');
          throw error;
        }
      },
    }),
  ),
  telling(
    'passes over the last events when they are gone',
    'a reader is told of events that are gone when nothing came after them',
    (sound) => ({ read: (...request) => readOn(sound, ...request) }),
  ),
  telling('waits for a number that will come', 'a number that no event has had is refused', (sound) => ({
    read: async (pipeline, after, limit) => {
      const { last } = await sound.range(pipeline);
      return after > last ? [] : sound.read(pipeline, after, limit);
    },
  })),
];
