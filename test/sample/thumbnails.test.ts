import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder';
import { selectedBackends } from '../support/test-servers';
import { drawnPicture } from './drawn-pictures';
import { ThumbnailsPage } from './thumbnails-page';

/* Sample 07 in Debian's chromium: pictures are uploaded, worked on by another process, and cancelled. */

const RUN = join(__dirname, '../../sample/07-thumbnails/dist/run.js');
const PICTURES = process.env['SAMPLE_PICTURES'];
const SIZES = ['64 × 48', '128 × 96', '256 × 192', '512 × 384', '1024 × 768'];

const databases: Record<string, (folder: string) => Promise<FreshDatabase>> = {
  sqlite: async (folder) => ({ url: `sqlite:${join(folder, 'jobs.sqlite')}`, drop: async () => undefined }),
  postgres: () => freshPostgresDatabase(),
};
const backends = selectedBackends().filter((name) => name in databases);

// The browser may have to be installed.
jest.setTimeout(300_000);

let browser: Browser | undefined;

beforeAll(async () => {
  if (!existsSync(RUN)) throw new Error(`${RUN} is missing: npm run build && npx nest build --all`);
  if (backends.length > 0) browser = await startBrowser();
});
afterAll(() => browser?.close());

it('has a browser where there is a database for it', () => {
  expect(browser !== undefined).toBe(backends.length > 0);
});

for (const name of backends) {
  describe(`sample/07-thumbnails on ${name}`, () => {
    let folder: TemporaryFolder;
    let database: FreshDatabase;
    let sample: ChildProcess;
    let errors: string;
    let page: ThumbnailsPage;

    beforeEach(async () => {
      folder = await temporaryFolder('thumbnails');
      database = await databases[name]!(folder.path);
      const env = { PORT: '0', JOB_QUEUE_URL: database.url, PICTURES_FOLDER: folder.path, NO_COLOR: '1' };
      sample = spawn(process.execPath, [RUN], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      errors = '';
      sample.stderr!.on('data', (text: Buffer) => (errors += text.toString()));
      page = await ThumbnailsPage.open(browser!, await addressOf(sample));
    });
    afterEach(async () => {
      await page.close();
      const ended = once(sample, 'exit');
      sample.kill('SIGTERM');
      await ended;
      await database.drop();
      await folder.remove();
    });

    it('shows progress and thumbnails, cancels what runs, and knows all of it after a reload', async () => {
      await page.upload([
        await drawnPicture('dawn.jpg', 10),
        await drawnPicture('Müller’s 호수.jpg', 200),
        { name: 'notes.jpg', buffer: Buffer.from('Bread, milk') },
        await drawnPicture('dusk.jpg', 280),
      ]);
      await page.has('dawn.jpg', 'at work');
      await page.has('Müller’s 호수.jpg', 'at work');
      expect(await page.names()).toEqual(['dusk.jpg', 'notes.jpg', 'Müller’s 호수.jpg', 'dawn.jpg']);

      await page.cancel('Müller’s 호수.jpg');
      await page.has('Müller’s 호수.jpg', 'cancelled');
      // Its worker is free for the next ones.
      await page.has('dusk.jpg', 'at work');
      await page.has('notes.jpg', 'failed');
      expect(await page.problem('notes.jpg')).toBe('This is not a picture');
      if (PICTURES) await page.picture(join(PICTURES, `${name}-middle.png`));

      await page.reload();
      await page.has('Müller’s 호수.jpg', 'cancelled');
      await page.has('notes.jpg', 'failed');
      const seen = await page.progress('dusk.jpg');
      expect(seen.length).toBeGreaterThan(2);
      expect(seen).toEqual([...seen].sort((one, other) => one - other));

      for (const picture of ['dawn.jpg', 'dusk.jpg']) {
        await page.has(picture, 'done');
        expect(await page.sizes(picture)).toEqual(SIZES);
        expect(await page.shownWidth(picture)).toBe(1024);
      }
      await page.remove('notes.jpg');
      await page.has('notes.jpg', 'cancelled');
      await page.reload();
      await page.has('dawn.jpg', 'done');
      expect(await page.shownWidth('dawn.jpg')).toBe(1024);
      if (PICTURES) await page.picture(join(PICTURES, `${name}-end.png`));
      expect(page.complaints).toEqual([]);
      expect(errors).toMatch(/^.*Job \d+ of thumbnails is buried at attempt 1: This is not a picture\n$/);
    });
  });
}

/** What the web process prints when it listens. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: stdout! })) {
    const [, url] = /^Open (\S+) in a browser/.exec(line) ?? [];
    if (url !== undefined) {
      // What the worker prints is not read any more, and must not stop it.
      stdout!.resume();
      return url;
    }
  }
  throw new Error('The sample ended before it listened');
}
