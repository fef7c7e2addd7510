import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser';
import { Opened } from '../support/opened';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { until } from '../support/until';
import { OpenBoard } from './board-application';
import { BoardPage } from './board-page';

/*
 * Each page seen and each button pressed, in Debian's chromium. `npm run docs:board` keeps pictures of it for the
 * documents.
 */

const PICTURES = join(__dirname, '../../docs/board');

/** Every page and button on that backend, in a test file of its own: their browsers work side by side. */
export function describeBrowser(name: 'sqlite' | 'postgres'): void {
  // The browser may have to be installed.
  jest.setTimeout(300_000);

  const opened = new Opened();
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
    if (process.env['DOCS_PICTURES']) await mkdir(PICTURES, { recursive: true });
  });
  afterAll(() => browser?.close());

  describe(`the board in a browser, on ${name}`, () => {
    let place: QueuePlace;
    let board: OpenBoard;
    let page: BoardPage;

    beforeEach(async () => {
      place = await queuePlaces[name]();
      board = opened.add(
        await OpenBoard.of({
          queue: { backend: place.backend },
          board: { authorize: () => true, pipelines: ['mail'] },
        }),
      );
      page = opened.add(await BoardPage.of(browser, board.url));
    });
    afterEach(async () => {
      await opened.close();
      await place.remove();
    });

    async function picture(title: string): Promise<void> {
      if (process.env['DOCS_PICTURES'] && name === 'sqlite')
        await page.picture(join(PICTURES, `${title}.png`));
    }

    async function mails(many: number): Promise<string[]> {
      return board.queue.addJobs(
        'mail',
        Array.from({ length: many }, (_, number) => ({ payload: { to: `user-${number}@example.org` } })),
      );
    }

    function has(what: object): Promise<unknown> {
      return until(`the pipeline has ${JSON.stringify(what)}`, async () => {
        expect(await board.queue.stats('mail')).toMatchObject(what);
        return true;
      });
    }

    it('shows pipelines, pages of jobs, and one job', async () => {
      const { queue } = board;
      const ids = await mails(25);
      await queue.addJob('report', { month: '2026-10' });
      await queue.addJob('mail', { to: 'late@example.org' }, { delay: '1h', attempts: 3 });
      const failed = await queue.getNextJobAndReserve('mail');
      await queue.buryJob(failed!, { reason: 'Error: no such address\n    at send (mail.js:12:9)' });
      await queue.getNextJobAndReserve('mail');

      await page.open('/');
      await page.sees('report');
      await page.sees('26 Jobs');
      await picture('overview');

      await page.open('/queue/mail?status=waiting&page=3');
      await page.sees(`#${ids[24]}`);
      await page.open('/queue/mail');
      await page.tab('active', 1);
      await page.sees(`#${ids[1]}`);
      await page.tab('delayed', 1);
      await page.sees('late@example.org');
      await page.tab('failed', 1);
      await page.sees('no such address');
      await picture('failed');

      await page.open(`/queue/mail/${failed!.id}`);
      await page.sees('no such address');
      await page.look('Data');
      await page.sees('user-0@example.org');
      await page.look('Options');
      await page.sees('ttr');
      await picture('job');
      await page.look('Logs');
      await page.sees('No logs available');
      expect(page.complaints).toEqual([]);
    });

    it('adds a job, and one like it', async () => {
      await page.open('/queue/mail');
      await page.choose('Add job');
      await page.write({ to: 'ada' }, { delay: 3_600_000, priority: 5 });
      await page.pressInDialog('Add');
      await has({ delayed: 1 });
      const [job] = await board.queue.peek('mail', 'delayed');
      expect(job).toMatchObject({ raw: '{"to":"ada"}', priority: 5 });

      await page.open('/queue/mail?status=delayed');
      await page.pressForJob(job!.id, 'Duplicate');
      await page.pressInDialog('Duplicate');
      await has({ delayed: 2 });
      expect(page.complaints).toEqual([]);
    });

    it('kicks, changes and deletes a job', async () => {
      const { queue } = board;
      const [one = '', other = ''] = await mails(2);
      await queue.buryJob(one, { reason: 'Error: broken' });
      await queue.changeJob(other, { delay: '1h' });

      await page.open('/queue/mail?status=failed');
      await page.pressForJob(one, 'Update data');
      await page.write({ to: 'eve' });
      await page.pressInDialog('Update');
      await until('the payload is another', async () => (await queue.findJob(one))?.raw === '{"to":"eve"}');
      await page.pressForJob(one, 'Retry');
      await page.confirm();
      await has({ ready: 1, buried: 0 });

      await page.open('/queue/mail?status=delayed');
      await page.pressForJob(other, 'Reschedule');
      await page.fill('Run at', '2099-01-01T00:00');
      await page.pressInDialog('Save');
      await until(
        'it waits for years',
        async () => ((await queue.peek('mail', 'delayed'))[0]?.delay ?? 0) > 1_000_000_000,
      );
      await page.pressForJob(other, 'Promote');
      await page.confirm();
      await has({ ready: 2, delayed: 0 });

      await page.open('/queue/mail?status=waiting');
      await page.pressForJob(other, 'Clean');
      await page.confirm();
      await has({ ready: 1 });
      expect(page.complaints).toEqual([]);
    });

    it('kicks and clears all jobs of a state', async () => {
      const { queue } = board;
      const ids = await mails(4);
      for (const id of ids) await queue.buryJob(id);
      await page.open('/queue/mail?status=failed');
      await page.pressForAll('Retry all');
      await has({ ready: 4, buried: 0 });

      for (const id of ids) await queue.changeJob(id, { delay: '1h' });
      await page.open('/queue/mail?status=delayed');
      await page.pressForAll('Promote all');
      await has({ ready: 4, delayed: 0 });

      for (const id of ids.slice(0, 2)) await queue.buryJob(id);
      await page.open('/queue/mail?status=failed');
      await page.pressForAll('Clean all');
      await has({ ready: 2, buried: 0 });
      expect(page.complaints).toEqual([]);
    });

    it('shows kept jobs with what they returned, adds one like it, and removes them', async () => {
      const { queue } = board;
      await using handler = await queue.process<{ to: string }>(
        'mail',
        ({ payload, attempt }) => {
          if (attempt === 1 && payload.to === 'user-1@example.org') throw new Error('mailbox busy');
          return { sent: payload.to };
        },
        { attempts: 2, backoff: 0, keep: { completed: '7d' } },
      );
      const [, twice = ''] = await mails(3);
      const kept = async (many: number) => (await queue.history('mail')).length === many;
      await until('all are kept', () => kept(3));
      await handler.close();

      await page.open('/');
      await page.sees('3 Jobs');
      await page.open('/queue/mail');
      await page.tab('completed', 3);
      await page.sees('user-2@example.org');
      await picture('completed');
      await page.open(`/queue/mail/${twice}?status=completed`);
      await page.look('Data');
      await page.sees('sent');
      await page.look('Error');
      await page.sees('mailbox busy');

      await page.open('/queue/mail?status=completed');
      await page.pressForJob(twice, 'Duplicate');
      await page.pressInDialog('Duplicate');
      await has({ ready: 1 });
      await page.pressForJob(twice, 'Clean');
      await page.confirm();
      await until('it is removed', () => kept(2));
      await page.pressForAll('Clean all');
      await until('all are removed', () => kept(0));
      expect(page.complaints).toEqual([]);
    });

    it('pauses, resumes, empties and obliterates a pipeline', async () => {
      await mails(3);
      await page.open('/queue/mail');
      await page.choose('Pause');
      await page.confirm();
      await has({ pausedFor: Infinity });
      await page.choose('Resume');
      await page.confirm();
      await has({ pausedFor: 0 });
      await page.choose('Empty');
      await page.confirm();
      await has({ ready: 0 });

      await mails(2);
      await page.choose('Pause');
      await page.confirm();
      await has({ pausedFor: Infinity });
      await page.choose('Obliterate');
      await page.confirm();
      await has({ ready: 0, pausedFor: 0 });
      expect(page.complaints.filter((line) => !line.startsWith('404'))).toEqual([]);
    });

    it('says what is no button here', async () => {
      await page.open('/queue/mail');
      await page.choose('Set concurrency');
      await page.fill('Concurrency', '3');
      await page.pressInDialog('Save');
      await page.sees('set the option concurrency of @Process()');
      expect(page.complaints).toEqual([expect.stringContaining('400')]);
    });

    it('shows schedules, runs one now, changes and removes it', async () => {
      const { queue } = board;
      await queue.schedules.set('nightly', {
        pipeline: 'mail',
        cron: '0 3 * * *',
        timeZone: 'Asia/Seoul',
        payload: { to: 'all' },
      });
      await page.open('/job-schedulers');
      await page.sees('0 3 * * *');
      await picture('schedules');
      await page.pressTitled('Run now');
      await page.confirm().catch(() => undefined);
      await has({ ready: 1 });
      await page.pressTitled('Edit schedule');
      await page.fill('Cron pattern', '0 5 * * *');
      await page.pressInDialog('Save');
      await until(
        'its rule is another',
        async () => (await queue.schedules.get('nightly'))?.cron === '0 5 * * *',
      );
      await page.pressTitled('Remove scheduler');
      await page.confirm();
      await until('it is removed', async () => (await queue.schedules.get('nightly')) === undefined);
      expect(page.complaints).toEqual([]);
    });
  });
}
