import { mustBe } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';
import { isJobNumber } from '../../../core/contract/job-id';
import {
  type BuriedLimit,
  type EndedCounts,
  type EndedJob,
  type History,
  HISTORY_PLACE,
  type HistoryPage,
  type KeepRule,
} from '../../../core/contract/ports/history';
import type { MemoryStore } from '../memory-store';

const LARGEST_ID = BigInt(Number.MAX_SAFE_INTEGER);

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
    const { after } = page;
    if (after && !isJobNumber(after.id, LARGEST_ID)) throw mustBe('after', HISTORY_PLACE, after);
    return this.store().read((store) => store.kept.list(pipeline, page));
  }

  async pipelines(): Promise<string[]> {
    return this.store().read((store) => store.kept.pipelines());
  }

  async count(pipelines: readonly string[], limit: number): Promise<EndedCounts[]> {
    return this.store().read((store) => pipelines.map((pipeline) => store.kept.count(pipeline, limit)));
  }

  async remove(id: JobId): Promise<boolean> {
    return this.store().kept.remove(id);
  }

  async clear(pipeline: string): Promise<number> {
    return this.store().kept.clear(pipeline);
  }

  limitBuried(pipeline: string, limit: BuriedLimit): void {
    this.store().pipeline(pipeline).buriedLimit = limit;
  }

  async keepCancelled(pipeline: string, rule: KeepRule | undefined): Promise<void> {
    const { keepCancelled } = this.store();
    if (rule) keepCancelled.set(pipeline, rule);
    else keepCancelled.delete(pipeline);
  }
}
