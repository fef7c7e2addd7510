import { statSync } from 'node:fs';

/** What became of a file while it was open. */
export type FileFate = 'in place' | 'gone' | 'replaced';

/**
 * Tells whether a path still leads to the database file that was opened, and to its write-ahead log. An open file goes
 * on when it is deleted, moved or replaced: whatever is written then, no other process will ever see.
 */
export class FileIdentity {
  private readonly file: string | undefined;
  /** SQLite keeps it for as long as anybody has the database open. Undefined where the file system allows none. */
  private readonly log: string | undefined;

  constructor(private readonly path: string) {
    this.file = inodeAt(path);
    this.log = inodeAt(logOf(path));
  }

  get fate(): FileFate {
    const file = inodeAt(this.path);
    if (file === undefined) return 'gone';
    if (file !== this.file) return 'replaced';
    return inodeAt(logOf(this.path)) === this.log ? 'in place' : 'replaced';
  }
}

export function isSameFile(one: string, other: string): boolean {
  const inode = inodeAt(one);
  return inode !== undefined && inode === inodeAt(other);
}

function logOf(path: string): string {
  return `${path}-wal`;
}

/** Never by opening the file: to close it again would take the locks from this process's own connections. */
function inodeAt(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
