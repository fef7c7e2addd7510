import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const TYPESCRIPT = join(__dirname, '../nest/typescript.cjs');
const END_WITH_PARENT = join(__dirname, '../support/end-with-parent.cjs');
const PROCESS = join(__dirname, 'crowd-process.ts');

export interface CrowdOptions {
  readonly processes: number;
  /** The backend's URL. */
  readonly backend: string;
  readonly pipeline: string;
  /** How many jobs each process adds. */
  readonly jobsEach: number;
}

/** Worker processes of their own that start together. What they handled is in files, outside of the queue. */
export class Crowd {
  /** What the processes have printed. */
  output = '';

  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly processes: readonly ChildProcess[],
  ) {
    for (const { stdout, stderr } of processes) {
      stdout?.on('data', (text: Buffer) => (this.output += text.toString()));
      stderr?.on('data', (text: Buffer) => (this.output += text.toString()));
    }
  }

  /** Answers when all processes have loaded their code and wait. */
  static async gather({ processes, backend, pipeline, jobsEach }: CrowdOptions): Promise<Crowd> {
    const folder = await temporaryFolder();
    const started = Array.from({ length: processes }, (_, index) =>
      spawn(process.execPath, ['--require', END_WITH_PARENT, '--require', TYPESCRIPT, PROCESS], {
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
        env: {
          PATH: process.env.PATH,
          NO_COLOR: '1',
          JOB_QUEUE_URL: backend,
          CROWD_PIPELINE: pipeline,
          CROWD_FILE: fileOf(folder, index),
          CROWD_JOBS: String(jobsEach),
        },
      }),
    );
    const crowd = new Crowd(folder, started);
    await Promise.all(started.map((child) => once(child, 'message')));
    return crowd;
  }

  /** Lets them connect and work, all at once. */
  go(): void {
    for (const child of this.processes) child.send('go');
  }

  /** Waits until so many jobs are handled; throws what the processes have printed when it does not come to that. */
  async have(jobs: number, options: { within: number }): Promise<void> {
    try {
      const handled = async () => this.processes.some(hasEnded) || (await this.handled()).length >= jobs;
      await until(`${jobs} jobs are handled`, handled, options);
      if (this.processes.some(hasEnded)) throw new Error('A process has ended by itself');
    } catch (cause) {
      throw new Error(`${String(cause)}\n${this.output}`, { cause });
    }
  }

  /** The payloads of all jobs that were handled, as often as they were. */
  async handled(): Promise<string[]> {
    const files = await Promise.all(
      this.processes.map((_, index) => readFile(fileOf(this.folder, index), 'utf8')),
    );
    return files.flatMap((text) => text.split('\n').slice(0, -1));
  }

  /** Asks them to stop; answers their exit codes. */
  async stop(): Promise<unknown[]> {
    return Promise.all(
      this.processes.map(async (child) => {
        child.kill('SIGTERM');
        const [code] = (await once(child, 'close')) as unknown[];
        return code;
      }),
    );
  }

  /** Ends what still runs and removes the files. */
  async remove(): Promise<void> {
    for (const child of this.processes) child.kill('SIGKILL');
    await this.folder.remove();
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function fileOf(folder: TemporaryFolder, index: number): string {
  return join(folder.path, String(index));
}
