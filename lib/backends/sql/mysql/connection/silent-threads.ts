import type { Seconds } from '../../../../core/contract/job-data';
import { driverErrorOf } from '../../connection/driver-error';
import type { SqlSession } from '../../connection/executor';

/** How much less than was measured here the server may show, which counts whole seconds. */
const ROUNDED_OFF: Seconds = 1;

/** A connection, as `show processlist` has it. */
interface Thread {
  readonly Id: number | string;
  readonly User: string;
  /** With the port, behind a colon. */
  readonly Host: string;
  readonly db: string | null;
  /** For how long it has been idle, or busy with one statement. */
  readonly Time: number | string;
}

/**
 * Connections of one pool whose packets the network has swallowed, by the server's numbers for them. It goes on
 * believing in them, and between two packets of a transaction it keeps rows locked, until the TCP keep-alive or
 * wait_timeout (8 h) ends them. So the next connection ends them there: its own user's, for which no right is needed.
 */
export class SilentThreads {
  /** Since when the server has heard nothing of each, in milliseconds of `performance.now()`. */
  private readonly since = new Map<number, number>();

  get any(): boolean {
    return this.since.size > 0;
  }

  add(number: number, since: number): void {
    this.since.set(number, since);
  }

  /** By a connection with that number. Never rejects: where it breaks, what follows on it does. */
  async end(by: SqlSession, number: number): Promise<void> {
    const silent = [...this.since];
    this.since.clear();
    const threads = await by.rows<Thread>('show processlist').catch((error: unknown) => {
      // The next one looks again where this one broke; a proxy that refuses it would do so each time.
      if (!(Number(driverErrorOf(error).errno) > 0)) for (const each of silent) this.add(...each);
      return [];
    });
    const threadOf = (id: number) => threads.find(({ Id }) => Number(Id) === id);
    const own = threadOf(number);
    for (const [id, since] of silent) {
      const thread = threadOf(id);
      const isSilent = thread && Number(thread.Time) + ROUNDED_OFF >= (performance.now() - since) / 1000;
      // Without the right to end it, it stays until the server gives it up.
      if (own && isSilent && whoseOf(thread) === whoseOf(own))
        await by.rows(`kill ${id}`).catch(() => undefined);
    }
  }
}

/**
 * Its user, database and machine. After a restart, or on another node, somebody else has its number, who has not been
 * silent for as long.
 */
function whoseOf({ User: user, Host: host, db }: Thread): string {
  return JSON.stringify([user, host.replace(/:\d+$/, ''), db]);
}
