import { join } from 'node:path';
import type { PrivateServer } from '../../support/servers/private-server';
import type { ServerBackend } from '../../support/test-servers';

/** Where the jobs of these tests are kept. */
export interface System {
  readonly name: string;
  /** Several servers that hold the same jobs: how long workers paused is in the table. */
  readonly ofSeveral?: boolean;
  /** Of a queue of a scene that has this folder. */
  url(folder: string): string;
}

export const sqlite: System = { name: 'sqlite', url: (folder) => `sqlite:${join(folder, 'jobs.sqlite')}` };

/** A system with a server of our own, to be broken. */
export class ServerSystem implements System {
  private running: PrivateServer | undefined;

  constructor(
    readonly name: ServerBackend,
    private readonly startServer: () => Promise<PrivateServer>,
  ) {}

  get server(): PrivateServer {
    if (!this.running) throw new Error(`The server of ${this.name} was not started.`);
    return this.running;
  }

  async start(): Promise<void> {
    this.running = await this.startServer();
  }

  /** For the next test, whatever the last one has left. */
  async restore(): Promise<void> {
    await this.server.start();
    this.server.thaw();
  }

  async remove(): Promise<void> {
    await this.running?.remove();
  }

  url(): string {
    return this.server.url;
  }
}
