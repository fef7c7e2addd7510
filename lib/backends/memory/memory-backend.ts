import type { QueueBackend } from '../../core/contract/backend';
import { BackendClosedError } from '../../core/contract/errors';
import type { Editing, Features, Listing, UniqueKeys } from '../../core/contract/features';
import type { NewJob, PutResult } from '../../core/contract/job-data';
import type { Leases, LostListener } from '../../core/contract/leases';
import type { Cancelling } from '../../core/contract/ports/cancelling';
import type { Counting } from '../../core/contract/ports/counting';
import type { Events } from '../../core/contract/ports/events';
import type { History } from '../../core/contract/ports/history';
import type { Journal } from '../../core/contract/ports/journal';
import type { Registry } from '../../core/contract/ports/registry';
import type { Schedules } from '../../core/contract/ports/schedules';
import type { Waiting } from '../../core/contract/ports/waiting';
import { type Clock, systemClock } from './clock';
import { MemoryAdmin } from './memory-admin';
import { MemoryInspector } from './memory-inspector';
import { MemoryLeases } from './memory-leases';
import { MemoryStore } from './memory-store';
import { MemoryEvents } from './ports/memory-events';
import { MemoryHistory } from './ports/memory-history';
import { MemoryJournal } from './ports/memory-journal';
import { MemoryRegistry } from './ports/memory-registry';
import { MemorySchedules } from './ports/memory-schedules';
import { MemoryWaiting } from './ports/memory-waiting';

export interface MemoryBackendOptions {
  /** @default the clock of the system */
  readonly clock?: Clock;
}

/** A memory backend, whose features need no check. */
export type MemoryQueue = QueueBackend & {
  readonly features: {
    readonly listing: Listing;
    readonly counting: Counting;
    readonly editing: Editing;
    readonly schedules: Schedules;
    readonly uniqueKeys: UniqueKeys;
    readonly registry: Registry;
    readonly journal: Journal;
    readonly cancelling: Cancelling;
    readonly history: History;
    readonly events: Events;
    readonly waiting: Waiting;
  };
};

/**
 * A backend that keeps its jobs in this process, for tests. It keeps the whole contract, and its jobs end with the
 * process; when it is closed and connected again it still has them. Pass the same object to everything that shares the
 * jobs.
 *
 * @example
 * JobQueueModule.forRoot({ backend: memoryBackend() })
 */
export function memoryBackend({ clock = systemClock }: MemoryBackendOptions = {}): MemoryQueue {
  return new MemoryBackend(new MemoryStore(clock));
}

class MemoryBackend implements QueueBackend {
  readonly name = 'memory';
  readonly inspect = new MemoryInspector(() => this.open());
  readonly admin = new MemoryAdmin(() => this.open());
  readonly features = {
    listing: this.inspect,
    counting: this.inspect,
    editing: this.admin,
    schedules: new MemorySchedules(() => this.open()),
    journal: new MemoryJournal(() => this.open()),
    cancelling: this.admin,
    waiting: new MemoryWaiting(() => this.open()),
    uniqueKeys: {
      find: async (pipeline, key) => this.open().read((store) => store.withKey(pipeline, key)?.id),
    },
    headers: { mostBytes: 16_384 },
    registry: new MemoryRegistry(() => this.open()),
    history: new MemoryHistory(() => this.open()),
    events: new MemoryEvents(() => this.open()),
  } satisfies Features;
  private connected = false;

  constructor(private readonly store: MemoryStore) {}

  async connect(): Promise<void> {
    this.connected = true;
  }

  async close(): Promise<void> {
    this.connected = false;
  }

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<PutResult[]> {
    const store = this.open();
    const results = jobs.map((job) => store.put(pipeline, job));
    store.wake();
    await store.breathe();
    return results;
  }

  async lease(pipelines: readonly string[], onLost?: LostListener): Promise<Leases> {
    return new MemoryLeases(this.open(), pipelines, onLost);
  }

  private open(): MemoryStore {
    if (!this.connected) throw new BackendClosedError(this.name);
    return this.store;
  }
}
