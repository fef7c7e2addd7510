import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DemoError } from './demo.error';

const CONFIGURATION = join(__dirname, '..', '..', 'supervisord.conf');
const MILLISECONDS_BETWEEN_LOOKS = 200;

/** A process that supervisord looks after, as `supervisorctl status` shows it. */
export interface Supervised {
  /** `invoices:invoices_00` */
  readonly name: string;
  readonly state: string;
  readonly pid: number | undefined;
}

/** supervisord with this sample's configuration; its socket and its logs are in `folder`. */
export class Supervisord implements AsyncDisposable {
  private readonly exited: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    this.exited = once(child, 'exit');
  }

  /** Resolves when every process is running. */
  static async start(folder: string, env: NodeJS.ProcessEnv, interrupted: AbortSignal): Promise<Supervisord> {
    // A process group of its own: Ctrl-C is for us, and we stop it in order.
    const child = spawn('supervisord', ['-n', '-c', CONFIGURATION], {
      env: { ...env, RUN_FOLDER: folder },
      stdio: 'ignore',
      detached: true,
    });
    await once(child, 'spawn');
    const supervisord = new Supervisord(child, folder);
    try {
      await supervisord.every(async ({ state }) => state === 'RUNNING', interrupted);
      return supervisord;
    } catch (error) {
      await supervisord[Symbol.asyncDispose]();
      throw error;
    }
  }

  async status(): Promise<Supervised[]> {
    const output = await this.control('status');
    return output.split('\n').flatMap((line) => {
      const [, name, state, pid] = /^(\S+:\S+)\s+([A-Z]+)\s*(?:pid (\d+))?/.exec(line) ?? [];
      return name && state ? [{ name, state, pid: pid === undefined ? undefined : Number(pid) }] : [];
    });
  }

  /** Stops all workers in order, then supervisord itself; answers each worker's last `exit status`, by its name. */
  async shutdown(): Promise<Map<string, string>> {
    await this.control('shutdown');
    await this.exited;
    const log = await readFile(join(this.folder, 'supervisord.log'), 'utf8');
    const stops = [...log.matchAll(/ stopped: (\S+) \((.*)\)/g)];
    return new Map(stops.map(([, name = '', ending = '']) => [name, ending]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exited;
  }

  /** Resolves when the killed ones are replaced: every process is running, and has written its heartbeat file. */
  async replaced(killed: ReadonlySet<number>, interrupted: AbortSignal): Promise<void> {
    await this.every(async ({ name, state, pid }) => {
      // supervisord may not have noticed yet that one is dead, and the file of a dead one stays.
      if (state !== 'RUNNING' || pid === undefined || killed.has(pid)) return false;
      return (await this.heartbeat(name)).startsWith(`${pid} `);
    }, interrupted);
  }

  /** Resolves when that is true of every process. */
  private async every(
    condition: (worker: Supervised) => Promise<boolean>,
    interrupted: AbortSignal,
  ): Promise<void> {
    for (;;) {
      interrupted.throwIfAborted();
      if (this.child.exitCode !== null) {
        throw new DemoError(
          `supervisord ended with exit code ${this.child.exitCode}; its log is in ${this.folder}.`,
        );
      }
      const workers = await this.status();
      if (workers.some(({ state }) => state === 'FATAL')) {
        throw new DemoError(`Workers do not start; their logs are in ${this.folder}.`);
      }
      const answers = await Promise.all(workers.map(condition));
      if (workers.length > 0 && !answers.includes(false)) return;
      await sleep(MILLISECONDS_BETWEEN_LOOKS);
    }
  }

  /** What the file says; empty before there is one. */
  private heartbeat(name: string): Promise<string> {
    const [, process] = name.split(':');
    return readFile(join(this.folder, `heartbeat-${process}`), 'utf8').catch(() => '');
  }

  /** What `supervisorctl` prints; its exit code is that of the processes, and no matter here. */
  private control(command: string): Promise<string> {
    const env = { ...process.env, RUN_FOLDER: this.folder };
    return new Promise((resolve) => {
      execFile('supervisorctl', ['-c', CONFIGURATION, command], { env }, (_error, output) => resolve(output));
    });
  }
}
