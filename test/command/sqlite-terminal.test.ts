import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { CommandLine, PROGRAM } from './command-line';

jest.setTimeout(90_000);

/** The command on a terminal: util-linux's `script` makes one. */
class Terminal {
  output = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown[]>;

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv) {
    const line = [process.execPath, PROGRAM, ...args].map((word) => `'${word}'`).join(' ');
    this.child = spawn(
      'script',
      ['--quiet', '--return', '--command', `stty cols 100; exec ${line}`, '/dev/null'],
      {
        env: { ...environment, TERM: 'xterm', SHELL: '/bin/sh' },
      },
    );
    this.child.stdout?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.closed = once(this.child, 'close');
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** What the last look has written, as a reader sees it. */
  get screen(): string {
    // A terminal's own codes begin with a control character.
    // eslint-disable-next-line no-control-regex
    return (this.output.split('\u001b[H').at(-1) ?? '').replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
  }

  async shows(pattern: RegExp): Promise<void> {
    await until(`the terminal shows ${pattern}`, () => pattern.test(this.screen), { within: 30 });
  }

  async exitCode(): Promise<unknown> {
    return (await this.closed)[0];
  }
}

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

  const put = (pipeline: string, delay = 0) =>
    queue.put(pipeline, [{ payload: 'null', priority: 0, delay, ttr: 60 }]);

  it('stats --watch renews its table, with rates, until Ctrl-C', async () => {
    await put('mail');
    const terminal = new Terminal(['stats', '--watch', '--interval', '200ms'], environment);
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
    const no = new Terminal(['clear', 'asked', '--state', 'ready'], environment);
    await no.shows(/Deleting all ready jobs of asked, 1 now\? It cannot be undone\. \[y\/N\]/);
    no.type('\n');
    expect(await no.exitCode()).toBe(1);
    expect(no.output).toContain('Nothing was done.');
    expect(await queue.inspect.stats('asked')).toMatchObject({ ready: 1 });
    const yes = new Terminal(['clear', 'asked', '--state', 'ready'], environment);
    await yes.shows(/\[y\/N\]/);
    yes.type('y\n');
    expect(await yes.exitCode()).toBe(0);
    expect(await queue.inspect.stats('asked')).toMatchObject({ ready: 0 });
  });

  it('writes no colours when NO_COLOR says so', async () => {
    await put('plain');
    const terminal = new Terminal(['list', 'plain'], { ...environment, NO_COLOR: '1' });
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.output).toContain('ready');
    expect(terminal.output).not.toContain('\u001b[');
  });
});
