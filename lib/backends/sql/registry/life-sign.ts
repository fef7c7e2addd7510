import { readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';

/**
 * How other processes of the same machine can know that this one is gone: it listens at a name of its own, in Linux's
 * abstract namespace of sockets, and says where that is. The kernel takes the name away when the process ends, however
 * it ends, and not before: not while it hangs, is stopped, or is cut off from the network and the database.
 *
 * Where others would find it is its place: this boot of the machine, and the network's namespace. Containers of one pod
 * share it, also with one that is started anew.
 */
export class LifeSign {
  private server: Server | undefined;
  private opening: Promise<string | undefined> | undefined;

  constructor(private readonly process: string) {}

  /** The place, undefined where this machine has none. */
  open(): Promise<string | undefined> {
    return (this.opening ??= this.opened());
  }

  close(): void {
    this.opening = undefined;
    this.server?.close();
    this.server = undefined;
  }

  private async opened(): Promise<string | undefined> {
    const place = placeOfProcess();
    if (place === undefined || !(await this.listens())) return undefined;
    return place;
  }

  private listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const server = createServer((socket) => socket.destroy());
      server.on('error', () => resolve(false));
      server.listen(nameOf(this.process), () => resolve(true));
      server.unref();
      this.server = server;
    });
  }
}

/** Whether a process is proved to be gone that gave a sign of life at the place where this one is. */
export function isGone(process: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(nameOf(process));
    const answer = (gone: boolean): void => {
      socket.destroy();
      resolve(gone);
    };
    socket.on('connect', () => answer(false));
    // Any other failure says nothing of the process.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => answer(code === 'ECONNREFUSED'));
  });
}

function nameOf(process: string): string {
  return `\0nestjs-simple-job-queue.${process}`;
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
