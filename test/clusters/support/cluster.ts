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

  nodeAt(port: number | undefined): PrivateServer {
    const node = this.running.find((one) => one.port === port);
    if (!node) throw new Error(`${this.name} has no node at the port ${String(port)}.`);
    return node;
  }

  get nodes(): readonly PrivateServer[] {
    return this.running;
  }

  url(): string {
    return this.urlOf(this.running);
  }

  /** For the next test, whatever the last one has left. */
  async restore(rejoin?: (node: PrivateServer) => Promise<void>): Promise<void> {
    for (const node of this.running) {
      await node.start();
      node.thaw();
      await rejoin?.(node);
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.running.map((node) => node.remove()));
  }
}

/** One URL that names all of them, the first one first. */
export function several(nodes: readonly PrivateServer[]): string {
  const [first] = nodes;
  if (!first) throw new Error('There is no node.');
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return first.url.replace(`127.0.0.1:${first.port}`, hosts);
}

/** The URL with another port of this machine. */
export function through(url: string, { port }: { readonly port: number }): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}
