import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export const PROGRAM = join(__dirname, '../../dist/bin/job-queue.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command, on the queue of that URL, without a terminal. */
export class CommandLine {
  constructor(private readonly url?: string) {}

  async run(args: readonly string[], input = ''): Promise<Ended> {
    const child = spawn(process.execPath, [PROGRAM, ...args], { env: this.environment });
    // It may have ended without reading.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, stdout, stderr };
  }

  /** What it prints as JSON, when all went well. */
  async json(...args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.run([...args, '--json']);
    if (code !== 0) throw new Error(`job-queue ${args.join(' ')} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as unknown;
  }

  get environment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, ...(this.url !== undefined && { JOB_QUEUE_URL: this.url }) };
  }
}
