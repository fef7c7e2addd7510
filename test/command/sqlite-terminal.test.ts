import { join } from 'node:path';
import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { CommandLine, PROGRAM } from './command-line';
import { Terminal } from './terminal';

jest.setTimeout(90_000);

describe('job-queue on a terminal', () => {
  let folder: TemporaryFolder;
  let queue: QueueBackend;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const url = `sqlite:${join(folder.path, 'jobs.sqlite')}`;
    queue = await openBackend(url);
    await queue.connect();
    environment = new CommandLine(url).environment;
  });
  afterAll(async () => {
    await queue.close();
    await folder.remove();
  });

  const onTerminal = (args: readonly string[], of = environment) =>
    new Terminal([process.execPath, PROGRAM, ...args], of);
  const put = (pipeline: string, delay = 0) =>
    queue.put(pipeline, [{ payload: 'null', priority: 0, delay, ttr: 60 }]);

  it('stats --watch renews its table, with rates, until Ctrl-C', async () => {
    await put('mail');
    const terminal = onTerminal(['stats', '--watch', '--interval', '200ms']);
    await terminal.shows(/PIPELINE +READY +DELAYED[^]*mail +1 +0 +0 +0 +no +0 +0/);
    expect(terminal.output).toContain('\u001b[1mPIPELINE');
    for (let n = 0; n < 20; n++) await put('mail');
    await terminal.shows(/mail +21 .* \+\d/);
    await queue.admin.clear('mail', 'ready');
    await put('invoices', 60);
    await terminal.shows(/invoices +0 +1/);
    terminal.type('\u0003');
    expect(await terminal.exitCode()).toBe(0);
    // The cursor is there again.
    expect(terminal.output.trimEnd().endsWith('\u001b[?25h')).toBe(true);
  });

  it('asks before it clears, and takes no as well as yes', async () => {
    await put('asked');
    const no = onTerminal(['clear', 'asked', '--state', 'ready']);
    await no.shows(/Deleting all ready jobs of asked \(1 now\)\? It cannot be undone\. \[y\/N\]/);
    no.type('\n');
    expect(await no.exitCode()).toBe(1);
    expect(no.output).toContain('Nothing was done.');
    expect(await queue.inspect.stats('asked')).toMatchObject({ ready: 1 });
    const yes = onTerminal(['clear', 'asked', '--state', 'ready']);
    await yes.shows(/\[y\/N\]/);
    yes.type('y\n');
    expect(await yes.exitCode()).toBe(0);
    expect(await queue.inspect.stats('asked')).toMatchObject({ ready: 0 });
  });

  it('writes no colours when NO_COLOR says so', async () => {
    await put('plain');
    const terminal = onTerminal(['list', 'plain'], { ...environment, NO_COLOR: '1' });
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.output).toContain('ready');
    expect(terminal.output).not.toContain('\u001b[');
  });
});
