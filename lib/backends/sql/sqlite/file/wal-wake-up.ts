import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { SqlExecutor } from '../../connection/executor';
import type { WakeUp } from '../../ready/wake-up';

/*
 * How often to look again after a file event, in milliseconds, and how many times. The event comes when the log is
 * written; with `synchronous = FULL`, which is everyone's default, the writer waits for the disk before it commits, and no
 * second event follows. So a commit is seen 15 ms later at most, for as long as the disk takes no longer than a second;
 * after that the stager's look of each second finds it.
 */
const FIRST_LOOKS_MS = [3, 7];
const LOOK_EVERY_MS = 15;
const LOOKS = 67;

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

  /** Every event starts to count anew; a file has one writer, whose commit is the last thing to come of its event. */
  private lookLater(woken: () => void, made = 0): void {
    clearTimeout(this.later);
    this.later = undefined;
    if (made === LOOKS || !this.watcher) return;
    const timer = setTimeout(() => {
      const before = this.version;
      void this.check(woken).then(() => {
        const isSeen = this.version !== undefined && this.version !== before;
        if (this.later === timer && !isSeen) this.lookLater(woken, made + 1);
      });
    }, FIRST_LOOKS_MS[made] ?? LOOK_EVERY_MS);
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
