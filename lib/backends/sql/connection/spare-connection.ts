import { setImmediate } from '../../../core/time/timers';

/**
 * The connection of the last work, kept until the next `setImmediate`: whoever adds one job after the other takes it
 * again, and spares the driver's pool a return and a loan for each.
 */
export class SpareConnection<C extends { release(): void }> {
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
