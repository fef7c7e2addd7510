import { ConsoleLogger } from '@nestjs/common';
import { JobQueueBoardModule } from '../../lib/bull-board';
import { JobQueueModule } from '../../lib/index';
import { memoryBackend } from '../../lib/testing';
import { application, closeApplications } from '../nest/application';
import { Opened } from '../support/opened';
import { type BoardApplication, type Kind, OpenBoard, ROUTE, type Server } from './board-application';

/* Who may see a board, on both servers, with a board of ours and with that of BullBoardModule. */

const servers: readonly Server[] = ['express', 'fastify'];
const kinds: readonly Kind[] = ['forRoot', 'forFeature'];
const cases = servers.flatMap((server) => kinds.map((kind) => ({ server, kind })));

const opened = new Opened();
const { NODE_ENV } = process.env;

beforeEach(() => (process.env['NODE_ENV'] = 'production'));
afterEach(async () => {
  process.env['NODE_ENV'] = NODE_ENV;
  await opened.close();
  await closeApplications();
});

class Lines extends ConsoleLogger {
  readonly lines: string[] = [];

  protected override printMessages(messages: unknown[], _context?: string, level?: string): void {
    this.lines.push(...messages.map((message) => `${level}: ${String(message)}`));
  }
}

async function open(options: BoardApplication): Promise<OpenBoard> {
  const queue = { backend: memoryBackend() };
  const board = opened.add(
    await OpenBoard.of({ ...options, queue, board: { pipelines: ['mail'], ...options.board } }),
  );
  await board.queue.addJob('mail', 'secret');
  return board;
}

/** Whether a request sees jobs, and how it is answered. */
async function seen(board: OpenBoard, headers: Record<string, string> = {}): Promise<boolean> {
  const text = await (await board.ask('/api/queues?activeQueue=mail', { headers })).text();
  return text.includes('mail');
}

describe.each(cases)('a board of $kind on $server', ({ server, kind }) => {
  const where = { server, kind };

  it('is closed without authorize, and the start says so', async () => {
    const logger = new Lines();
    const board = await open({ ...where, logger });
    expect(await seen(board)).toBe(false);
    const paused = await board.ask('/api/queues/mail/pause', { method: 'PUT' });
    expect(paused.ok).toBe(false);
    expect((await board.queue.stats('mail')).pausedFor).toBe(0);
    expect(logger.lines).toContainEqual(
      expect.stringMatching(/^warn: The board .* is closed: give it authorize, a function/),
    );
  });

  it('is open in development without authorize', async () => {
    process.env['NODE_ENV'] = 'development';
    const logger = new Lines();
    expect(await seen(await open({ ...where, logger }))).toBe(true);
    expect(logger.lines).toContainEqual(expect.stringMatching(/^log: The board .* is open to everyone/));
  });

  it('lets in whom authorize says', async () => {
    const authorize = async ({ headers }: { headers: { authorization?: string } }) =>
      headers.authorization === 'Bearer admin';
    const board = await open({ ...where, board: { authorize } });
    expect(await seen(board)).toBe(false);
    expect(await seen(board, { authorization: 'Bearer user' })).toBe(false);
    expect(await seen(board, { authorization: 'Bearer admin' })).toBe(true);
  });

  it('refuses when authorize throws, or answers something other than true', async () => {
    const logger = new Lines();
    const answers = [() => Promise.reject(new TypeError('secret')), () => 'yes' as never];
    for (const authorize of answers) {
      expect(await seen(await open({ ...where, logger, board: { authorize } }))).toBe(false);
    }
    expect(logger.lines.filter((line) => line.includes('TypeError'))).toHaveLength(1);
    expect(logger.lines.join()).not.toContain('secret');
  });
});

describe.each(servers)('a board of forRoot on %s', (server) => {
  it('answers a refused page with a text, or asks for a password', async () => {
    const closed = await open({ server });
    const refused = await closed.ask('');
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining('option authorize'),
    ]);
    expect((await closed.ask('/static/favicon.ico')).status).toBe(403);

    const challenge = 'Basic realm="queues"';
    const asked = await (await open({ server, board: { authorize: () => false, challenge } })).ask('');
    expect([asked.status, asked.headers.get('www-authenticate')]).toEqual([401, challenge]);
  });

  it('is a page below its route, whatever the global prefix', async () => {
    const board = await open({ server, prefix: 'api', board: { authorize: () => true } });
    const page = await (await board.ask('/')).text();
    expect(page).toContain(`<base href="${ROUTE}/"`);
    expect(page).toContain('Jobs');
    expect((await board.ask('/static/favicon.ico')).status).toBe(200);
    expect((await board.ask('/queue/mail')).status).toBe(200);
  });

  it('takes no button from a page of another site', async () => {
    const board = await open({ server, board: { authorize: () => true } });
    const press = (site: string) =>
      board.ask('/api/queues/mail/pause', { method: 'PUT', headers: { 'sec-fetch-site': site } });
    expect((await press('cross-site')).status).toBe(403);
    expect((await press('same-origin')).status).toBe(200);
  });
});

it('does nothing in an application without a server', async () => {
  const app = await application({
    imports: [
      JobQueueModule.forRoot({ backend: memoryBackend() }),
      JobQueueBoardModule.forRoot({ route: ROUTE }),
    ],
  });
  await app.close();
});

it.each([
  [{ route: 'queues' }, 'route must be a path like \'/admin/queues\', got "queues"'],
  [{ route: '/queues/:id' }, 'route must be a path'],
  [{ route: '/queues', authorise: () => true }, 'unknown option authorise; did you mean authorize?'],
  [{ route: '/queues', authorize: true }, 'authorize must be a function'],
  [{ route: '/queues', payloads: 'masked' }, "payloads must be 'shown', 'hidden', or a function"],
  [{ route: '/queues', queues: 'mail' }, 'queues must be an array of names'],
  [{ route: '/queues', pipelines: ['mail', 5] }, 'each of pipelines must be a name, got 5'],
  [{ route: '/queues', readOnly: 1 }, 'readOnly must be'],
])('refuses %j', (options, message) => {
  expect(() => JobQueueBoardModule.forRoot(options as never)).toThrow(message);
});

it('says what forFeature needs beside it', async () => {
  const imports = [
    JobQueueModule.forRoot({ backend: memoryBackend() }),
    JobQueueBoardModule.forFeature({ authorize: () => true }),
  ];
  await expect(application({ imports })).rejects.toThrow('needs BullBoardModule.forRoot()');
});
