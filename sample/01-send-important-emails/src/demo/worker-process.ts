import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { CommandError } from '../command.error';

/** `node dist/worker.js` in a process of its own, its output in a log file. */
export class WorkerProcess implements AsyncDisposable {
  /** Aborts when the worker has ended. */
  readonly died: AbortSignal;
  private readonly exited: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    log: string,
  ) {
    const death = new AbortController();
    this.died = death.signal;
    this.exited = once(child, 'exit').then(() =>
      death.abort(new CommandError(`The worker ended with ${this.ending}; ${log} tells more.`)),
    );
  }

  static async start(script: string, env: NodeJS.ProcessEnv, log: string): Promise<WorkerProcess> {
    const file = await open(log, 'a');
    const child = spawn(process.execPath, [script], {
      env: { ...env, NO_COLOR: '1' },
      stdio: ['ignore', file.fd, file.fd],
    });
    const worker = new WorkerProcess(child, log);
    await once(child, 'spawn');
    await file.close();
    return worker;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Sends SIGTERM and waits for the end; answers how it ended. */
  async stop(): Promise<string> {
    this.child.kill('SIGTERM');
    await this.exited;
    return this.ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private get ending(): string {
    const { exitCode, signalCode } = this.child;
    return exitCode === null ? `signal ${signalCode}` : `exit code ${exitCode}`;
  }
}
