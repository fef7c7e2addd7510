import {
  type Membership,
  type Registry,
  SILENCE,
  type WorkerProcess,
  type WorkerReport,
} from '../../../core/contract/ports/registry';
import type { MemoryStore } from '../memory-store';

export class MemoryRegistry implements Registry {
  private readonly known = new Map<string, WorkerProcess>();
  private joined = 0;

  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  join(): Membership {
    this.joined += 1;
    const id = String(this.joined);
    return {
      beat: async (report) => this.beat(id, report),
      leave: async () => void this.known.delete(id),
    };
  }

  async list(): Promise<WorkerProcess[]> {
    const { clock } = this.store();
    const since = clock.now() - SILENCE * 1000;
    for (const { id, seenAt } of this.known.values()) if (seenAt.getTime() <= since) this.known.delete(id);
    return [...this.known.values()];
  }

  private beat(id: string, report: WorkerReport): void {
    const seenAt = new Date(this.store().clock.now());
    const startedAt = this.known.get(id)?.startedAt ?? seenAt;
    this.known.set(id, { ...report, id, startedAt, seenAt });
  }
}
