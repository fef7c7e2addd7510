import type { Connection } from './connections';
import type { FaultReporter } from './fault-reporter';

/** So often one is looked for that is not to be ended yet, in milliseconds. */
const LOOK_EVERY_MS = 1000;

/**
 * Connections whose packets the network has swallowed. The server goes on believing in them, for hours where nothing
 * ends them, and keeps what their transactions have locked. The next connection ends them there.
 */
export class SilentConnections<C extends Connection> {
  private readonly all = new Set<C>();
  private lookedAt = -Infinity;

  constructor(private readonly faults: FaultReporter) {}

  get any(): boolean {
    return this.all.size > 0;
  }

  add(connection: C): void {
    if (connection.endAtServer) this.all.add(connection);
  }

  /** To be called before work on another connection. Rejects when that one does not answer either. */
  async end(by: C): Promise<void> {
    if (performance.now() - this.lookedAt < LOOK_EVERY_MS) return;
    this.lookedAt = performance.now();
    for (const silent of this.all) {
      try {
        if (await silent.endAtServer?.(by)) this.all.delete(silent);
      } catch (error) {
        if (this.faults.faultOf(error) === 'unavailable') throw error;
        // Without the right to end it, it stays until the server gives it up.
        this.all.delete(silent);
      }
    }
  }
}
