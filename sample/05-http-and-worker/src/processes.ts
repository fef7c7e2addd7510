import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A process of the sample. It does not outlive this one, unless that one is killed. */
export class SampleProcess {
  private readonly child: ChildProcess;
  private readonly end = (): void => void this.child.kill('SIGTERM');

  constructor(file: string, environment: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [join(__dirname, file)], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.once('exit', this.end);
    this.child.once('exit', () => process.off('exit', this.end));
  }

  /** The rest of the first line that begins so. */
  async line(beginning: string): Promise<string> {
    if (!this.child.stdout) throw new Error('The process has no output');
    for await (const line of createInterface({ input: this.child.stdout })) {
      if (line.startsWith(beginning)) return line.slice(beginning.length);
    }
    throw new Error(`The process ended without "${beginning}"`);
  }

  /** As supervisord and containers do it; the worker ends its jobs first. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
  }
}
