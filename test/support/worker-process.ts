import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from './until';

/** Compiles TypeScript as the tests do. */
export const TYPESCRIPT_HOOK = join(__dirname, '../nest/typescript.cjs');
const END_WITH_PARENT = join(__dirname, 'end-with-parent.cjs');
const SECONDS_TO_START = 30;

export interface WorkerProcessOptions {
  readonly args?: readonly string[];
  /** The folder where it runs. Default: that of this process. */
  readonly cwd?: string;
  /** Beside PATH, which is all that it inherits. */
  readonly environment?: NodeJS.ProcessEnv;
  /** A command that becomes the process: `['setpriv', '--reuid=nobody']`. */
  readonly through?: readonly string[];
}

/** A process of its own that runs a file, of TypeScript or compiled, and what it has printed. It does not outlive this one. */
export class WorkerProcess {
  output = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown[]>;

  constructor(file: string, { args = [], cwd, environment = {}, through = [] }: WorkerProcessOptions = {}) {
    const hooks = [TYPESCRIPT_HOOK, END_WITH_PARENT].flatMap((hook) => ['--require', hook]);
    const [program = process.execPath, ...rest] = [...through, process.execPath, ...hooks, file, ...args];
    this.child = spawn(program, rest, {
      cwd,
      env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.closed = once(this.child, 'close');
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('The process has not started.');
    return pid;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async prints(text: string): Promise<void> {
    await until(`the process prints "${text}"`, () => this.output.includes(text) || this.ended, {
      within: SECONDS_TO_START,
    });
    if (!this.output.includes(text)) throw new Error(`The process ended without "${text}": ${this.output}`);
  }

  /** Nobody reads what it prints any more. */
  closeOutput(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** The exit code when it has ended; null when a signal ended it. */
  async exitCode(): Promise<unknown> {
    const [code] = await this.closed;
    return code;
  }

  /** Ends it at once, whatever it does, and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.closed;
  }
}
