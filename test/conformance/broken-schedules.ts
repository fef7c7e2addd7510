import type { ScheduleSnapshot } from '../../lib/core/contract/ports/schedules';
import { type BrokenBackend, overriding } from './broken-backends';

/** Faults of schedules, and of the headers of their jobs. */
export const brokenSchedules: readonly BrokenBackend[] = [
  {
    fault: 'fires a slot twice',
    caughtBy: 'every slot has one job, whoever fires',
    schedules: (sound) => {
      const twins = new Map<string, string>();
      return {
        set: async (schedule) => {
          await sound.set(schedule);
          await sound.set({ ...schedule, name: `twin-${schedule.name}` });
          twins.set(schedule.name, `twin-${schedule.name}`);
        },
        remove: async (name) => {
          await sound.remove(twins.get(name) ?? '');
          return sound.remove(name);
        },
      };
    },
  },
  {
    fault: 'leaves slots out while it is busy',
    caughtBy: 'every slot has one job, whoever fires',
    schedules: (sound) => ({ set: (schedule) => sound.set({ ...schedule, every: 2 }) }),
  },
  {
    fault: 'lets the jobs of a schedule overlap that must not',
    caughtBy: 'without overlap a slot adds none while the job of an earlier one waits or runs',
    schedules: (sound) => ({ set: (schedule) => sound.set({ ...schedule, overlap: true }) }),
  },
  {
    fault: 'starts a schedule anew whenever it is set',
    caughtBy:
      'a paused schedule has no next slot, stays paused when it is set, and goes on when it is resumed',
    schedules: (sound) => ({
      set: async (schedule) => {
        await sound.remove(schedule.name);
        await sound.set(schedule);
      },
    }),
  },
  {
    fault: 'lets the rule stay when a schedule is changed',
    caughtBy: 'a rule that stays keeps its next slot, and another one has its own',
    schedules: (sound) => ({
      set: async (schedule) => {
        const { cron, every, timeZone } = (await sound.find(schedule.name)) ?? schedule;
        const rule = { ...(cron !== undefined && { cron }), ...(every !== undefined && { every }), timeZone };
        await sound.set({ ...schedule, ...rule });
      },
    }),
  },
  {
    fault: 'hears no announcement of a schedule',
    caughtBy: 'a schedule of the code goes when nobody announces it any more',
    schedules: () => ({ announce: () => Promise.resolve([]) }),
  },
  {
    fault: 'loses headers',
    caughtBy: 'headers come with a job, and stay through retries, burials and kicks',
    backend: (sound) => ({
      put: (pipeline, jobs) =>
        sound.put(
          pipeline,
          jobs.map(({ headers: _, ...job }) => job),
        ),
    }),
  },
  {
    fault: 'cuts headers after a thousand letters',
    caughtBy: 'they may be as long as the backend says, in letters of every length',
    backend: (sound) => ({
      put: (pipeline, jobs) =>
        sound.put(
          pipeline,
          jobs.map((job) => ({ ...job, headers: (job.headers ?? '').slice(0, 1000) })),
        ),
    }),
  },
  {
    fault: 'loses the headers of a schedule',
    caughtBy: 'its headers come with its jobs, beside their slot',
    schedules: (sound) => ({ set: ({ headers: _, ...schedule }) => sound.set(schedule) }),
  },
  {
    fault: 'forgets the time zone of a schedule',
    caughtBy: 'what is set is found as it was said, with its next slot',
    schedules: (sound) => ({ set: (schedule) => sound.set({ ...schedule, timeZone: 'UTC' }) }),
  },
  {
    fault: 'says of every schedule that it was there',
    caughtBy: 'what is not there is not found, removed, paused, resumed or run',
    schedules: (sound) => ({ pause: (name) => sound.pause(name).then(() => true) }),
  },
  {
    fault: 'lists schedules from the end',
    caughtBy: 'a list is sorted by name, page by page',
    schedules: (sound) => ({ list: async (page) => (await sound.list(page)).reverse() }),
  },
  {
    fault: 'pauses a schedule that is to be removed',
    caughtBy: 'a removed schedule is gone',
    schedules: (sound) => ({ remove: (name) => sound.pause(name) }),
  },
  {
    fault: 'adds the job of a run by hand without its schedule',
    caughtBy: 'run adds a job now, which names its schedule, and leaves the next slot alone',
    backend: (sound) => ({
      lease: async (pipelines) => {
        const one = await sound.lease(pipelines);
        return overriding(one, {
          reserve: async (...request) => (await one.reserve(...request)).map(({ headers: _, ...job }) => job),
        });
      },
    }),
  },
  {
    fault: 'lets applications change schedules of the code',
    caughtBy: 'an application takes no name of the code, and the code takes those of the application',
    schedules: (sound) => ({
      set: async (schedule) => {
        const known = await sound.find(schedule.name);
        await sound.set(known?.source === 'code' ? { ...schedule, source: 'code' } : schedule);
      },
    }),
  },
  {
    fault: 'does not tell when a schedule ran last',
    caughtBy: 'a slot that is due ends a wait in its pipeline, and the schedule tells its last one',
    schedules: (sound) => ({
      find: async (name) => withoutLast(await sound.find(name)),
    }),
  },
];

function withoutLast(schedule: ScheduleSnapshot | undefined): ScheduleSnapshot | undefined {
  const without = ({ last: _, ...rest }: ScheduleSnapshot) => rest;
  return schedule && without(schedule);
}
