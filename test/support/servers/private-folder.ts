import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../temporary-folder';
import { Guard } from './guard';
import { type SystemUser } from './system-user';

export interface Command {
  /** An absolute path, or a name to be found on PATH. */
  readonly file: string;
  readonly args: readonly string[];
}

/** The fresh temporary folder of one server: its data, its sockets and its log. Removed when we end, however we end. */
export class PrivateFolder {
  readonly #guard: Guard;

  private constructor(
    readonly path: string,
    private readonly owner: SystemUser | undefined,
  ) {
    this.#guard = new Guard(path);
  }

  /** Without an owner the folder and its processes are our own. */
  static async create(name: string, owner?: SystemUser): Promise<PrivateFolder> {
    const folder = new PrivateFolder((await temporaryFolder(name)).path, owner);
    await folder.#giveToOwner(folder.path);
    return folder;
  }

  /** A path inside the folder. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file that the owner can read. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(this.at(name), text, { mode: 0o600 });
    await this.#giveToOwner(this.at(name));
  }

  /** Starts a process in the folder, as its owner, in no terminal; its output goes to the log. */
  async spawn({ file, args }: Command): Promise<ChildProcess> {
    const log = await open(this.at('log'), 'a');
    try {
      const child = spawn(file, args, {
        cwd: this.path,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        ...this.owner,
      });
      await once(child, 'spawn');
      child.unref();
      this.#guard.watch(child.pid);
      child.once('exit', () => this.#guard.watch(undefined));
      return child;
    } finally {
      await log.close();
    }
  }

  /** Runs a command to its end; throws an error with its last words when it fails. */
  async run(command: Command): Promise<void> {
    const child = await this.spawn(command);
    child.ref();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.exitCode !== 0) throw new Error(`${command.file} failed:\n${await this.lastWords()}`);
  }

  /** The last lines of the log. */
  async lastWords(): Promise<string> {
    return (await readFile(this.at('log'), 'utf8')).trimEnd().split('\n').slice(-20).join('\n');
  }

  /** Ends what still runs in the folder and removes it. */
  async remove(): Promise<void> {
    await this.#guard.dismiss();
  }

  async #giveToOwner(path: string): Promise<void> {
    if (this.owner !== undefined) await chown(path, this.owner.uid, this.owner.gid);
  }
}
