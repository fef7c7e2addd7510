import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In bytes: Linux takes no more, and Node would cut off the rest without a word. */
const LONGEST_FILE = 107;

/**
 * How other processes of the same machine can know that this one is gone: it listens at a name of its own, in Linux's
 * abstract namespace of sockets, and says where that is. The kernel takes the name away when the process ends, however
 * it ends, and not before: not while it hangs, is stopped, or is cut off from the network and the database.
 *
 * Where others would find it is its place: this boot of the machine, and the network's namespace. Containers of one pod
 * share it, also with one that is started anew. A container of Docker has another one after each start, and its files
 * are the same: so the process listens at a file, too, which stays when it is killed, and then refuses.
 */
export class LifeSign {
  private readonly servers: Server[] = [];
  private opening: Promise<string | undefined> | undefined;

  constructor(private readonly process: string) {}

  /** The place, undefined where this machine has none. */
  open(): Promise<string | undefined> {
    return (this.opening ??= this.opened());
  }

  /** Removes the file, too. */
  close(): void {
    this.opening = undefined;
    for (const server of this.servers.splice(0)) server.close();
  }

  private async opened(): Promise<string | undefined> {
    const place = placeOfProcess();
    if (place === undefined || !(await this.listens(nameOf(this.process)))) return undefined;
    // Where nothing can be written, it is known by its name alone.
    const file = fileOf(this.process);
    if (Buffer.byteLength(file) <= LONGEST_FILE) await this.listens(file);
    return place;
  }

  private listens(name: string): Promise<boolean> {
    return new Promise((resolve) => {
      const server = createServer((socket) => socket.destroy());
      server.on('error', () => resolve(false));
      // Exclusive: else the primary process of a cluster would listen for it.
      server.listen({ path: name, exclusive: true }, () => resolve(true));
      server.unref();
      this.servers.push(server);
    });
  }
}

/** This boot of the machine on which that place is. */
export function machineOf(place: string): string {
  return place.slice(0, place.indexOf(' '));
}

/**
 * Whether a process of this machine is proved to be gone: by its name where its place is the one where this process is,
 * and else by its file, which others have only where they share its files.
 */
export function isGone(process: string, samePlace: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(samePlace ? nameOf(process) : fileOf(process));
    const answer = (gone: boolean): void => {
      socket.destroy();
      resolve(gone);
    };
    socket.on('connect', () => answer(false));
    // Any other failure says nothing of the process.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => answer(code === 'ECONNREFUSED'));
  });
}

/** Removes the file of a process that was killed. */
export function removeFile(process: string): void {
  try {
    rmSync(fileOf(process), { force: true });
  } catch {
    // It is another user's.
  }
}

function nameOf(process: string): string {
  return `\0nestjs-simple-job-queue.${process}`;
}

function fileOf(process: string): string {
  return join(tmpdir(), `nestjs-simple-job-queue.${process}`);
}

/** Undefined on other systems than Linux. */
function placeOfProcess(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/net')}`;
  } catch {
    return undefined;
  }
}
