import type { BuriedLimit, EndedJob, History, HistoryPage } from '../../core/contract/history';
import type { JobId } from '../../core/contract/job-data';
import type { MemoryStore } from './memory-store';

export class MemoryHistory implements History {
  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  async find(id: JobId): Promise<EndedJob | undefined> {
    const [job] = await this.several([id]);
    return job;
  }

  async several(ids: readonly JobId[]): Promise<EndedJob[]> {
    return this.store().read((store) => store.kept.several(ids));
  }

  async list(pipeline: string, page: HistoryPage): Promise<EndedJob[]> {
    return this.store().read((store) => store.kept.list(pipeline, page));
  }

  async remove(id: JobId): Promise<boolean> {
    return this.store().kept.remove(id);
  }

  limitBuried(pipeline: string, limit: BuriedLimit): void {
    this.store().pipeline(pipeline).buriedLimit = limit;
  }
}
