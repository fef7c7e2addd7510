import { setImmediate } from '../../../core/time/timers';
import type { Connection } from './connections';

/**
 * The connection of the last work, which is kept to the end of the tick: whoever adds one job after the other takes it
 * again. To give it back to the driver's pool and to borrow it anew would cost a twentieth of such a put.
 */
export class SpareConnection<C extends Connection> {
  private connection: C | undefined;
  private planned = false;

  keep(connection: C): void {
    this.giveBack();
    this.connection = connection;
    if (this.planned) return;
    this.planned = true;
    setImmediate(() => {
      this.planned = false;
      this.giveBack();
    });
  }

  take(): C | undefined {
    const { connection } = this;
    this.connection = undefined;
    return connection;
  }

  /** To the pool. */
  giveBack(): void {
    this.take()?.release();
  }
}
