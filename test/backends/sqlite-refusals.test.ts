import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sqlBackend } from '../../lib/typeorm';
import { sqlite3 } from '../support/clients';
import { randomTable } from '../support/pipelines';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { connectRefusal, refusal } from './refusal';

const run = promisify(execFile);

let folder: TemporaryFolder;
const at = (name: string) => join(folder.path, name);
const backendOn = (name: string, options = {}) => sqlBackend(`sqlite:${at(name)}`, options);

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

describe('SQLite is refused', () => {
  it('in a folder that does not exist, which is not made', async () => {
    const error = await connectRefusal(backendOn('missing/jobs.sqlite'));
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toMatch(/missing" of the SQLite file does not exist: create it/);
    await expect(readFile(at('missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('on a folder', async () => {
    await mkdir(at('folder'));
    const error = await connectRefusal(backendOn('folder'));
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toMatch(/folder" is a folder/);
  });

  it('on a file that is no database, which stays as it is', async () => {
    await writeFile(at('letter'), 'Dear Ada,\n'.repeat(100));
    const error = await connectRefusal(backendOn('letter'));
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toMatch(/letter" cannot be used as a SQLite database.*not a database/);
    expect(await readFile(at('letter'), 'utf8')).toBe('Dear Ada,\n'.repeat(100));
  });

  it.each([
    { what: 'without a path', url: 'sqlite:', message: 'has no path' },
    { what: 'with a host', url: 'sqlite://jobs.sqlite', message: 'use sqlite:jobs.sqlite for a file' },
    { what: 'with a server', url: 'sqlite://ada:secret@db/jobs', message: 'names a host' },
    { what: 'with half of :memory:', url: 'sqlite::memory', message: 'use sqlite::memory:' },
    { what: 'with two schemes', url: 'sqlite:file:jobs.sqlite', message: 'has two schemes' },
    { what: 'with parameters', url: 'sqlite:jobs.sqlite?mode=ro', message: 'has parameters' },
    {
      what: 'with a schema',
      url: 'sqlite::memory:',
      options: { schema: 'queues' },
      message: 'schema is not for',
    },
    {
      what: 'with compression',
      url: 'sqlite::memory:',
      options: { compression: true },
      message: 'cannot compress',
    },
    {
      what: 'with a table name that is none',
      url: 'sqlite::memory:',
      options: { table: '"' },
      message: 'is not an identifier',
    },
  ])('$what', async ({ url, options, message }) => {
    const error = await connectRefusal(sqlBackend(url, options), 'secret');
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toContain(message);
  });

  it("with a table that is not the queue's, which stays as it is", async () => {
    await sqlite3(at('mine.sqlite'), `create table mine as select 1 as id, 'mine' as note`);
    const error = await connectRefusal(backendOn('mine.sqlite', { table: 'mine' }));
    expect(error.code).toBe('SCHEMA_MISMATCH');
    expect(error.message).toMatch("mine exists and is not the queue's: it has no column pipeline");
    expect(await sqlite3(at('mine.sqlite'), 'select * from mine; select name from sqlite_schema')).toBe(
      '1|mine\nmine\n',
    );
  });

  it('with another version of the layout', async () => {
    const backend = backendOn('old.sqlite');
    await backend.connect();
    await backend.close();
    await sqlite3(at('old.sqlite'), 'update job_queue_jobs_schema set version = 99');
    const error = await connectRefusal(backendOn('old.sqlite'));
    expect(error.code).toBe('SCHEMA_MISMATCH');
    expect(error.message).toContain('layout 99');
  });
});

it('SQLite: whoever prints the error of a job that it cannot store does not print the payload', async () => {
  const backend = backendOn('jobs.sqlite', { table: randomTable() });
  await backend.connect();
  const job = { payload: '"a secret"', priority: -1, delay: 0, ttr: 60 };
  const error = await refusal(backend.put('mail', [job]), 'a secret');
  expect(error.code).toBe('BACKEND_REFUSED');
  expect(error.message).toContain('CHECK constraint failed');
  await backend.close();
});

it('SQLite takes a path behind an empty host as an absolute one', async () => {
  const backend = sqlBackend(`sqlite://${at('slashes.sqlite')}`);
  await backend.connect();
  await backend.close();
  expect(existsSync(at('slashes.sqlite'))).toBe(true);
});

describe('SQLite cannot be written', () => {
  /** Connects in a process that has no right to write but where others may, and answers what it prints. */
  async function connectUnprivileged(file: string): Promise<string> {
    const typescript = join(__dirname, '../nest/typescript.cjs');
    const program = join(__dirname, 'unprivileged-process.ts');
    return (await run(process.execPath, ['--require', typescript, program, file])).stdout;
  }

  it.each([
    { what: 'a file', fileMode: 0o444, folderMode: 0o777, named: 'jobs.sqlite' },
    { what: 'a folder, in which SQLite keeps its log', fileMode: 0o666, folderMode: 0o555, named: 'place' },
  ])('$what', async ({ fileMode, folderMode, named }) => {
    const place = await temporaryFolder('place');
    const file = join(place.path, 'jobs.sqlite');
    await writeFile(file, '');
    await chmod(file, fileMode);
    await chmod(place.path, folderMode);
    const printed = await connectUnprivileged(file);
    expect(printed).toMatch(new RegExp(`INVALID_CONFIGURATION.*${named}.*cannot be written by this process`));
    await chmod(place.path, 0o777);
    await place.remove();
  });
});
