import { JobCancelledError, ReservationLostError } from '../contract/errors';
import type { Leased } from '../contract/job-data';
import { type Clock, steadyClock } from '../time/clock';
import { clearTimeout, setTimeout } from '../time/timers';
import type { RunningJob } from '../worker/run/running-job';

/** Whoever has running jobs and can renew them. */
export interface Holder {
  readonly running: ReadonlyMap<Leased, RunningJob>;
  /** Returns the jobs that were already lost; rejects when the backend is out of reach. */
  touch(jobs: readonly Leased[]): Promise<Leased[]>;
  /** Called once for each job whose lease turned out to be lost. */
  lost(running: RunningJob): void;
}

/** How often to look for leases to renew. The shortest ttr, 1 s, is renewed after 0.5 s. */
const LOOK_EVERY_MS = 250;

/**
 * Renews the leases of all running jobs of a process at half their ttr. One timer for the process and none while
 * nothing runs; every holder's jobs go in one batch, and all holders in the same tick, so that a backend can make one
 * statement of them.
 *
 * A job has one renewal under way at most: a second one would be answered by what was true before the first, and
 * could tell a lease lost that holds.
 */
export class KeepAlive {
  private readonly holders = new Set<Holder>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly clock: Clock = steadyClock) {}

  add(holder: Holder): void {
    this.holders.add(holder);
  }

  remove(holder: Holder): void {
    this.holders.delete(holder);
  }

  /** To be called when jobs were started. */
  watch(): void {
    this.timer ??= setTimeout(() => this.look(), LOOK_EVERY_MS);
  }

  /** The backend is back: what has run out meanwhile is renewed before anybody frees it. */
  renewAll(): void {
    for (const { running } of this.holders) for (const job of running.values()) job.renewAt = 0;
    clearTimeout(this.timer);
    this.look();
  }

  private look(): void {
    this.timer = undefined;
    const now = this.clock.now();
    let anyRuns = false;
    for (const holder of this.holders) {
      anyRuns ||= holder.running.size > 0;
      const due = [...holder.running.values()].filter((running) => running.isDue(now));
      if (due.length > 0) void this.renew(holder, due, now);
    }
    if (anyRuns) this.watch();
  }

  private async renew(holder: Holder, due: readonly RunningJob[], sentAt: number): Promise<void> {
    for (const running of due) running.renewing = true;
    try {
      const lost = new Set(await holder.touch(due.map((running) => running.reserved)));
      for (const running of due) {
        running.renewAt = sentAt + running.renewalPeriod;
        if (lost.has(running.reserved)) loseReservation(holder, running);
      }
    } catch {
      // The holder has reported it. The lease may still hold: try again at the next look.
    } finally {
      for (const running of due) running.renewing = false;
    }
  }
}

/** For a handler that asks for it; rejects with `ReservationLostError`. */
export async function renewNow(holder: Holder, running: RunningJob): Promise<void> {
  const lost = await holder.touch([running.reserved]);
  if (lost.length === 0) return;
  loseReservation(holder, running);
  throw new ReservationLostError(running.reserved.id);
}

/** Once for a job; not when it has ended meanwhile: then its settlement tells what became of it. */
export function loseReservation(holder: Holder, running: RunningJob, cause?: Error): void {
  if (cause instanceof JobCancelledError) running.cancelled ??= cause;
  if (running.lost || running.ending || holder.running.get(running.reserved) !== running) return;
  running.lost = true;
  running.abort(running.cancelled ?? new ReservationLostError(running.reserved.id, cause && { cause }));
  holder.lost(running);
}
