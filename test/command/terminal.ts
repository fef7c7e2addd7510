import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../support/until';

/** A program on a terminal: util-linux's `script` makes one. */
export class Terminal {
  output = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown[]>;

  constructor(command: readonly string[], environment: NodeJS.ProcessEnv) {
    const line = command.map((word) => `'${word}'`).join(' ');
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
    // eslint-disable-next-line no-control-regex -- a terminal's own codes begin with such a character
    return (this.output.split('\u001b[H').at(-1) ?? '').replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
  }

  async shows(pattern: RegExp): Promise<void> {
    await until(`the terminal shows ${pattern}`, () => pattern.test(this.screen), { within: 30 });
  }

  async exitCode(): Promise<unknown> {
    return (await this.closed)[0];
  }
}
