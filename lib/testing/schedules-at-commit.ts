import type { PutResult } from '../core/contract/job-data';
import type { ScheduleChanges, Schedules } from '../core/contract/ports/schedules';

/** Does the work when the test's transaction commits. */
export type AtCommit = (work: () => Promise<unknown>) => Promise<void>;

/** Changes of schedules that wait for a commit. What they come to is told of the schedules as they are before it. */
export function schedulesAtCommit(schedules: Schedules, atCommit: AtCommit): ScheduleChanges {
  const there = async (name: string, work: () => Promise<unknown>): Promise<boolean> => {
    const found = (await schedules.find(name)) !== undefined;
    if (found) await atCommit(work);
    return found;
  };
  return {
    set: (schedule) => atCommit(() => schedules.set(schedule)),
    remove: (name) => there(name, () => schedules.remove(name)),
    pause: (name) => there(name, () => schedules.pause(name)),
    resume: (name) => there(name, () => schedules.resume(name)),
    async run(name): Promise<PutResult | undefined> {
      let ran: PutResult = { id: 'not committed', existed: false };
      const found = await there(name, async () => (ran = (await schedules.run(name)) ?? ran));
      return found ? ran : undefined;
    },
  };
}
