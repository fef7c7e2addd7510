import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { SqlExecutor } from '../../connection/executor';
import type { WakeUp } from '../../ready/wake-up';

/**
 * When to look again after a file event that told of nothing, in milliseconds. The event comes when the log is written;
 * with `synchronous = FULL`, which is everyone's default, the writer waits for the disk before it commits, and no second
 * event follows.
 */
const LATER_LOOKS_MS = [3, 10, 30, 100, 300];

/**
 * Other processes' writes to the same SQLite file, seen by watching its write-ahead log. The file system tells of
 * our own writes, too; `pragma data_version` changes only with those of others.
 */
export class WalWakeUp implements WakeUp {
  private watcher: FSWatcher | undefined;
  private version: number | undefined;
  private checking = false;
  private written = false;
  private later: NodeJS.Timeout | undefined;

  constructor(
    private readonly file: string,
    private readonly db: SqlExecutor,
  ) {}

  get arriving(): boolean {
    return this.watcher !== undefined;
  }

  async open(woken: () => void): Promise<void> {
    const log = `${basename(this.file)}-wal`;
    try {
      // The folder, because the log itself comes and goes.
      const watcher = watch(dirname(this.file), { persistent: false }, (_event, name) => {
        if (name !== null && name !== log) return;
        void this.check(woken);
        this.lookLater(woken);
      });
      watcher.on('error', () => this.stop());
      this.watcher = watcher;
    } catch {
      // No watching on this file system, or no more of it for this user: workers look by themselves.
    }
    await this.check(woken);
  }

  async close(): Promise<void> {
    this.stop();
  }

  private stop(): void {
    clearTimeout(this.later);
    this.watcher?.close();
    this.watcher = undefined;
  }

  /** Every event starts the pauses again. */
  private lookLater(woken: () => void, pauses = LATER_LOOKS_MS): void {
    clearTimeout(this.later);
    this.later = undefined;
    const [pause, ...rest] = pauses;
    if (pause === undefined || !this.watcher) return;
    const timer = setTimeout(() => {
      void this.check(woken).then(() => {
        if (this.later === timer) this.lookLater(woken, rest);
      });
    }, pause);
    this.later = timer.unref();
  }

  private async check(woken: () => void): Promise<void> {
    this.written = true;
    if (this.checking) return;
    this.checking = true;
    try {
      while (this.written) {
        this.written = false;
        const version = await this.dataVersion();
        if (version !== this.version) woken();
        this.version = version;
      }
    } finally {
      this.checking = false;
    }
  }

  private async dataVersion(): Promise<number | undefined> {
    try {
      const [row] = await this.db.rows<{ data_version: number }>('pragma data_version');
      return row?.data_version;
    } catch {
      // A woken too many does no harm.
      return undefined;
    }
  }
}
