import { BackendClosedError, BackendUnavailableError, shown } from '../../../../core/contract/errors';
import type { Logger } from '../../../../core/contract/logger';
import type { SqliteConnection, SqliteDriver } from '../drivers/sqlite-driver';
import { FileIdentity } from './file-identity';
import { MEMORY } from './sqlite-path';

/** How long a look at the path holds, in milliseconds: it takes two microseconds, a put some fifty. */
const LOOK_HOLDS = 5;

/**
 * The pages of the write-ahead log at which a commit writes them into the file and waits for the disk. With SQLite's
 * 1,000 that took a fifth of the time of one add after the other; a table whose rows come and go has few pages, which
 * are written once for many changes.
 */
const CHECKPOINT_PAGES = 2000;
/** What a checkpoint leaves of the log, in bytes: twice what it has between two of them. */
const LOG_SIZE = 16 * 1024 * 1024;

/**
 * A SQLite file and the queue's one connection to it, which goes with the path: a file that is gone is an outage until
 * there is one again, and one that was replaced is closed and the new one opened.
 */
export class SqliteFile {
  private connection: SqliteConnection | undefined;
  private identity: FileIdentity | undefined;
  private lookedAt = 0;
  private closed = false;

  constructor(
    readonly path: string,
    private readonly driver: SqliteDriver,
    private readonly synchronous: string,
    private readonly logger: Logger,
  ) {}

  /** Throws `BackendUnavailableError` when the file is not in its place, or was not when the last look was. */
  connected(): SqliteConnection | Promise<SqliteConnection> {
    if (this.closed) throw new BackendClosedError('sqlite');
    if (!this.connection) return this.opened();
    if (!this.identity) return this.connection;
    const now = performance.now();
    if (now - this.lookedAt < LOOK_HOLDS) return this.connection;
    return this.lookedAfter(this.connection, this.identity);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.disconnected();
  }

  private lookedAfter(
    connection: SqliteConnection,
    identity: FileIdentity,
  ): SqliteConnection | Promise<SqliteConnection> {
    switch (identity.fate) {
      case 'in place':
        this.lookedAt = performance.now();
        return connection;
      case 'gone':
        throw this.unavailable(
          'was deleted or moved while it was open: put it back, or start another process that makes a new one',
        );
      case 'replaced':
        return this.left();
    }
  }

  private async left(): Promise<never> {
    // SQLite sees that the path leads elsewhere, and leaves the files there alone.
    await this.disconnected();
    const error = this.unavailable(
      'or the -wal file beside it was replaced or deleted while it was open: the queue goes on with what is there now, without the jobs that only the old one has',
    );
    this.logger.warn(error.message);
    throw error;
  }

  private async opened(): Promise<SqliteConnection> {
    const connection = await this.driver.open(this.path);
    try {
      await this.prepare(connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.connection = connection;
    this.identity = this.path === MEMORY ? undefined : new FileIdentity(this.path);
    return connection;
  }

  private async prepare(connection: SqliteConnection): Promise<void> {
    // Waiting for a lock is the executor's, on a timer: the sqlite3 driver would wait a second inside.
    await connection.rows('pragma busy_timeout = 0', []);
    await connection.rows('pragma journal_mode = wal', []);
    // With WAL, NORMAL survives any crash of a process; a power cut may undo the last commits, never break the file.
    await connection.rows(`pragma synchronous = ${this.synchronous}`, []);
    await connection.rows(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`, []);
    // Without a limit the log keeps the size that it had during a long read.
    await connection.rows(`pragma journal_size_limit = ${LOG_SIZE}`, []);
    // The first look into the file makes its log.
    await connection.rows('select count(*) from sqlite_master', []);
  }

  private async disconnected(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    await connection?.close();
  }

  private unavailable(problem: string): BackendUnavailableError {
    return new BackendUnavailableError('sqlite', `the file ${shown(this.path)} ${problem}`);
  }
}
