import type { PutResult, Seconds } from '../../../core/contract/job-data';
import type { NewSchedule, Schedules, ScheduleSnapshot } from '../../../core/contract/ports/schedules';
import { hasSameRule, takenByCode } from '../../../core/schedule/rivals';
import { nextSlot } from '../../../core/schedule/slots';
import type { MemoryStore } from '../memory-store';
import { addJob, type MemorySchedule, waitingJob } from './memory-schedule';

export class MemorySchedules implements Schedules {
  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  async set(schedule: NewSchedule): Promise<void> {
    const { schedules, clock } = this.store();
    const now = clock.now();
    const known = schedules.get(schedule.name);
    if (known?.schedule.source === 'code' && schedule.source === 'api') throw takenByCode(schedule.name);
    const keepsNext = known !== undefined && hasSameRule(known.schedule, schedule);
    this.keep({
      schedule,
      paused: known?.paused ?? false,
      next: keepsNext ? known.next : known?.paused ? undefined : nextSlot(schedule, now),
      last: known?.last,
      job: known?.job,
      seenAt: now,
    });
  }

  async find(name: string): Promise<ScheduleSnapshot | undefined> {
    const known = this.store().schedules.get(name);
    return known && snapshotOf(known);
  }

  async list({ offset, limit }: { offset: number; limit: number }): Promise<ScheduleSnapshot[]> {
    const all = [...this.store().schedules.values()].map(snapshotOf);
    return all.sort((one, other) => (one.name < other.name ? -1 : 1)).slice(offset, offset + limit);
  }

  async remove(name: string): Promise<boolean> {
    return this.store().schedules.delete(name);
  }

  async pause(name: string): Promise<boolean> {
    return this.change(name, (known) => ({ ...known, paused: true, next: undefined }));
  }

  async resume(name: string): Promise<boolean> {
    const { clock } = this.store();
    return this.change(name, (known) =>
      known.paused ? { ...known, paused: false, next: nextSlot(known.schedule, clock.now()) } : known,
    );
  }

  async run(name: string): Promise<PutResult | undefined> {
    const store = this.store();
    const known = store.schedules.get(name);
    if (!known) return undefined;
    const now = store.clock.now();
    const waiting = waitingJob(store, known);
    if (waiting !== undefined) return { id: waiting, existed: true };
    const id = addJob(store, known, now);
    this.keep({ ...known, last: now, job: id });
    return { id, existed: false };
  }

  async announce(names: readonly string[]): Promise<string[]> {
    const { schedules, clock } = this.store();
    const missing: string[] = [];
    for (const name of names) {
      const known = schedules.get(name);
      if (known?.schedule.source === 'code') schedules.set(name, { ...known, seenAt: clock.now() });
      else if (!known) missing.push(name);
    }
    return missing;
  }

  async retire(after: Seconds): Promise<string[]> {
    const { schedules, clock } = this.store();
    const until = clock.now() - after * 1000;
    const retired = [...schedules.values()].filter(
      ({ schedule, seenAt }) => schedule.source === 'code' && seenAt <= until,
    );
    for (const { schedule } of retired) schedules.delete(schedule.name);
    return retired.map(({ schedule }) => schedule.name);
  }

  private change(name: string, what: (known: MemorySchedule) => MemorySchedule): boolean {
    const known = this.store().schedules.get(name);
    if (known) this.keep(what(known));
    return known !== undefined;
  }

  private keep(schedule: MemorySchedule): void {
    const store = this.store();
    store.schedules.set(schedule.schedule.name, schedule);
    // Who waits for jobs may have to wake earlier.
    store.wake();
  }
}

function snapshotOf({ schedule, paused, next, last }: MemorySchedule): ScheduleSnapshot {
  return {
    ...schedule,
    paused,
    ...(next !== undefined && { next: new Date(next) }),
    ...(last !== undefined && { last: new Date(last) }),
  };
}
