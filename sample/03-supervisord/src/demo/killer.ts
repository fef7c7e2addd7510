import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervisord } from './supervisord';

const MILLISECONDS_BETWEEN_KILLS = 1000;

/** Kills random workers, as `kill -9` and the kernel do it when memory runs out. */
export class Killer {
  /** Process ids of the dead. */
  readonly killed = new Set<number>();

  constructor(private readonly supervisord: Supervisord) {}

  /** About one worker a second, until the signal aborts. */
  async rage(until: AbortSignal): Promise<void> {
    while (!until.aborted) await Promise.all([this.killOne(until), sleep(MILLISECONDS_BETWEEN_KILLS)]);
  }

  private async killOne(until: AbortSignal): Promise<void> {
    const pids = (await this.supervisord.status()).flatMap(({ pid }) => pid ?? []);
    const victim = pids[Math.floor(Math.random() * pids.length)];
    if (victim !== undefined && !until.aborted) this.kill(victim);
  }

  private kill(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL');
      this.killed.add(pid);
    } catch (error) {
      // It has ended by itself meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
