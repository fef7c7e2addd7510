import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BackendUnavailableError, type QueueBackend } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { sqlite3 } from '../support/clients';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const job = { payload: '1', priority: 0, delay: 0, ttr: 60 };
const ENDINGS = ['', '-wal', '-shm'];

let folder: TemporaryFolder;
let file: string;
let queue: QueueBackend;
let warnings: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder.path, 'jobs.sqlite');
  warnings = [];
  queue = await opened(file);
  await queue.put('mail', [job]);
});

afterEach(async () => {
  await queue.close();
  await folder.remove();
});

async function opened(path: string): Promise<QueueBackend> {
  const ignored = () => undefined;
  const logger = { log: ignored, error: ignored, warn: (line: string) => void warnings.push(line) };
  const backend = sqlBackend(`sqlite:${path}`, {}, logger);
  await backend.connect();
  return backend;
}

/** Adds jobs until one is refused; the last look at the file may be some milliseconds old. */
async function refusedPut(): Promise<Error> {
  let refusal: Error | undefined;
  await until('a job is refused', async () => {
    refusal = await queue.put('mail', [job]).then(
      () => undefined,
      (error: Error) => error,
    );
    return refusal !== undefined;
  });
  expect(refusal).toBeInstanceOf(BackendUnavailableError);
  return refusal as Error;
}

function move(from: string, to: string): void {
  for (const ending of ENDINGS) {
    rmSync(to + ending, { force: true });
    if (ending === '' || from === file || to === file) tryToRename(from + ending, to + ending);
  }
}

function tryToRename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

describe('a SQLite file that is open', () => {
  it('is missed when it is deleted, by who adds', async () => {
    for (const ending of ENDINGS) rmSync(file + ending);
    expect((await refusedPut()).message).toMatch(/jobs\.sqlite" was deleted or moved while it was open/);
    await expect(queue.inspect.stats('mail')).rejects.toThrow(BackendUnavailableError);
  });

  it('is missed when it is deleted, by who waits for a job', async () => {
    const leases = await queue.lease(['empty']);
    const waiting = leases.reserve(1, 60, new AbortController().signal);
    for (const ending of ENDINGS) rmSync(file + ending);
    await expect(waiting).rejects.toThrow(/was deleted or moved while it was open/);
    // Where a look of its own met it, that may have taken jobs, which cannot be given back.
    const end = await leases.close().catch((error: unknown) => error);
    expect([undefined, expect.any(BackendUnavailableError)]).toContainEqual(end);
  });

  it('serves again when it is moved away and back', async () => {
    const elsewhere = join(folder.path, 'elsewhere.sqlite');
    move(file, elsewhere);
    await refusedPut();
    move(elsewhere, file);
    await queue.put('mail', [job]);
    expect((await queue.inspect.stats('mail')).ready).toBeGreaterThanOrEqual(2);
  });

  it('is left for another one that replaces it, with one line', async () => {
    const restored = join(folder.path, 'restored.sqlite');
    const other = await opened(restored);
    await other.put('mail', [job, job, job]);
    await other.close();
    move(restored, file);
    expect((await refusedPut()).message).toContain('replaced or deleted while it was open');
    expect((await queue.inspect.stats('mail')).ready).toBe(3);
    await queue.put('mail', [job]);
    expect(await sqlite3(file, 'select count(*) from job_queue_jobs; pragma integrity_check')).toBe(
      '4\nok\n',
    );
    expect(warnings).toEqual([
      expect.stringContaining('jobs.sqlite" or the -wal file beside it was replaced'),
    ]);
  });

  it('is left for another one that is in use, whose log stays', async () => {
    for (const ending of ENDINGS) rmSync(file + ending);
    const other = await opened(file);
    // These are in its log alone.
    await other.put('mail', [job, job, job]);
    await refusedPut();
    expect((await queue.inspect.stats('mail')).ready).toBe(3);
    await queue.put('mail', [job]);
    expect((await other.inspect.stats('mail')).ready).toBe(4);
    await other.close();
    expect(await sqlite3(file, 'select count(*) from job_queue_jobs; pragma integrity_check')).toBe(
      '4\nok\n',
    );
  });

  it('keeps the jobs of a log that was deleted, where nobody else has it open', async () => {
    rmSync(`${file}-wal`);
    await refusedPut();
    expect((await queue.inspect.stats('mail')).ready).toBeGreaterThanOrEqual(1);
    await queue.put('mail', [job]);
    expect(await sqlite3(file, 'pragma integrity_check')).toBe('ok\n');
  });
});
