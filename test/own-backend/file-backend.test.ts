import { readdirSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Job, Process, Processor } from 'nestjs-simple-job-queue';
import { backendConformance } from 'nestjs-simple-job-queue/testing';
import { closeApplications, queueApplication } from '../nest/application';
import { importsOf } from '../support/imports';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { FileBackend } from './file-backend';

backendConformance('a backend written by the docs alone', async () => {
  const folder = await temporaryFolder();
  const backend = new FileBackend(folder.path);
  await backend.connect();
  return { backend, close: () => backend.close().then(() => folder.remove()) };
});

describe('a backend written by the docs alone', () => {
  const job = { payload: '1', priority: 1024, delay: 0, ttr: 1 };
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  async function connected(): Promise<FileBackend> {
    const backend = new FileBackend(folder.path);
    await backend.connect();
    return backend;
  }

  it('imports the public entry points of the package and nothing else of it', () => {
    const files = readdirSync(__dirname).filter((name) => !name.endsWith('.test.ts'));
    const imports = files.map((name) => importsOf(join(__dirname, name)));
    expect([...new Set(imports.flatMap(({ packages }) => packages))]).toEqual(['nestjs-simple-job-queue']);
    const outside = imports
      .flatMap(({ files }) => files)
      .filter((file) => relative(__dirname, file).startsWith('..'));
    expect(outside).toEqual([]);
  });

  it('keeps a file for each job, which a crash of its process leaves', async () => {
    const before = await connected();
    const added = await before.put('mail', [job, { ...job, priority: 0 }]);
    expect(await readdir(folder.path)).toHaveLength(2);
    const leases = await before.lease(['mail']);
    const [urgent] = await leases.reserve(1, 0, new AbortController().signal);
    const after = await connected();
    expect(await after.inspect.find(added[0]!.id)).toMatchObject({ state: 'ready' });
    expect(await after.inspect.find(urgent!.id)).toMatchObject({ state: 'reserved', timeouts: 0 });
    await until('the lease of the dead process has run out', async () => {
      const { ready } = await after.inspect.stats('mail');
      return ready === 2;
    });
    expect(await after.inspect.find(urgent!.id)).toMatchObject({ attempts: 0, timeouts: 1 });
  });

  it('has the ids of what was stored when the disk takes no more', async () => {
    const backend = await connected();
    // In the way of the second job's file.
    await mkdir(join(folder.path, '2.json'));
    await expect(backend.put('mail', [job, job])).rejects.toMatchObject({
      code: 'PUT_INCOMPLETE',
      stored: ['1'],
    });
  });

  it('serves a Nest application', async () => {
    const seen: unknown[] = [];
    @Processor('mail')
    class MailProcessor {
      @Process()
      handle({ payload }: Job) {
        seen.push(payload);
      }
    }
    const { queue } = await queueApplication([MailProcessor], { backend: new FileBackend(folder.path) });
    await queue.addJob('mail', { to: 'a@b.example' });
    await until('the job is handled', () => seen.length === 1);
    expect(seen).toEqual([{ to: 'a@b.example' }]);
    await until('its file is gone', async () => (await readdir(folder.path)).length === 0);
    await closeApplications();
  });
});
