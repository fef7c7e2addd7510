import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../until';
import { type Command, type PrivateFolder } from './private-folder';
import { runningAmong, signalFamily } from './process-family';

const SECONDS_TO_START = 30;
const SECONDS_TO_STOP = 10;

export interface ServerSetup {
  /** As it stands in messages. */
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** Where its data already lies. */
  readonly folder: PrivateFolder;
  readonly command: Command;
  /** 30 by default. */
  readonly secondsToStart?: number;
  /** What asks it for an orderly stop, whoever is connected. */
  readonly stopSignal: NodeJS.Signals;
  /** Rejects as long as it does not answer. */
  answer(): Promise<unknown>;
}

/**
 * A real server that belongs to one test run or one test, to be broken as one likes. It can be started again after
 * every end but `remove`, on the same port with the same data.
 */
export class PrivateServer {
  readonly url: string;
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(private readonly setup: ServerSetup) {
    this.url = setup.url;
    this.port = setup.port;
  }

  /** Answers a server that answers. */
  static async start(setup: ServerSetup): Promise<PrivateServer> {
    const server = new PrivateServer(setup);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  /** Of the first process; throws when the server is down. */
  get pid(): number {
    const pid = this.#running?.pid;
    if (pid === undefined) throw new Error(`${this.setup.name} is not running.`);
    return pid;
  }

  /** Starts it, if it is down, and waits until it really answers. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const { name, folder, command, secondsToStart = SECONDS_TO_START } = this.setup;
    this.#process = await folder.spawn(command);
    try {
      await until(`${name} answers`, () => this.#answersOrEnded(), { within: secondsToStart });
    } catch (cause) {
      throw new Error(`${name} does not answer:\n${await folder.lastWords()}`, { cause });
    }
    if (this.#running === undefined) throw new Error(`${name} ended at once:\n${await folder.lastWords()}`);
  }

  /** An orderly end that keeps the data; SIGKILL when that takes more than 10 seconds. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.ref();
    const ended = once(running, 'exit');
    const { pid } = this;
    // A frozen server would not hear the signal.
    this.thaw();
    running.kill(this.setup.stopSignal);
    const deadline = setTimeout(() => signalFamily(pid, 'SIGKILL'), SECONDS_TO_STOP * 1000);
    await ended;
    clearTimeout(deadline);
  }

  /** SIGKILL to all its processes, as in a crash; what it had written to its files is kept. */
  async kill(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.ref();
    const ended = once(running, 'exit');
    const family = signalFamily(this.pid, 'SIGKILL');
    await ended;
    // PostgreSQL refuses to start beside a child of its former life.
    await until(`${this.setup.name} is gone`, () => runningAmong(family).length === 0);
  }

  /** SIGSTOP to all its processes: connections stay open and nobody answers. */
  freeze(): void {
    signalFamily(this.pid, 'SIGSTOP');
  }

  /** It goes on where it was frozen. */
  thaw(): void {
    signalFamily(this.pid, 'SIGCONT');
  }

  /** Stops it and removes its data, for good. */
  async remove(): Promise<void> {
    await this.stop();
    await this.setup.folder.remove();
  }

  async #answersOrEnded(): Promise<boolean> {
    if (this.#running !== undefined) await this.setup.answer();
    return true;
  }

  get #running(): ChildProcess | undefined {
    const process = this.#process;
    return process?.exitCode === null && process.signalCode === null ? process : undefined;
  }
}
