import type { System } from '../../faults/support/system';
import type { PrivateServer } from '../../support/servers/private-server';

/** Several servers that hold the same jobs. */
export class Cluster implements System {
  readonly ofSeveral = true;
  private running: readonly PrivateServer[] = [];

  constructor(
    readonly name: string,
    private readonly startNodes: () => Promise<readonly PrivateServer[]>,
    /** Where a scene's own producer adds its jobs: by default at the last node. */
    private readonly urlOf = (nodes: readonly PrivateServer[]) => nodes.at(-1)?.url ?? '',
  ) {}

  async start(): Promise<void> {
    this.running = await this.startNodes();
  }

  node(index: number): PrivateServer {
    const node = this.running[index];
    if (!node) throw new Error(`${this.name} has no node ${index}.`);
    return node;
  }

  get nodes(): readonly PrivateServer[] {
    return this.running;
  }

  url(): string {
    return this.urlOf(this.running);
  }

  async remove(): Promise<void> {
    await Promise.all(this.running.map((node) => node.remove()));
  }
}

/** The URL with another port of this machine. */
export function through(url: string, { port }: { readonly port: number }): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}
