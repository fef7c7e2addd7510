import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Where a connection breaks: before a text has left, in the middle of its message, or when it has arrived; or from
 * there on its packets are swallowed.
 */
export type Cut = 'before' | 'within' | 'after' | 'swallowed';

/** Within that time after its beginning an answer has come as a whole. */
const WHOLE_ANSWER_MS = 200;

/** One connection of a client, and the one behind it. */
interface Passage {
  swallowed: boolean;
  readonly end: () => void;
}

/** A TCP proxy in front of a server of this machine: a network that can break in the ways that networks do. */
export class Proxy {
  private text: Buffer | undefined;
  private cut: Cut = 'before';
  private readonly passages = new Set<Passage>();

  private constructor(
    private readonly listener: Server,
    private serverPort: number,
  ) {
    listener.on('connection', (client) => this.pass(client));
  }

  static async before(serverPort: number): Promise<Proxy> {
    // Its connections end with those who made them, and it ends with its process.
    const listener = createServer().listen(0, '127.0.0.1').unref();
    await once(listener, 'listening');
    return new Proxy(listener, serverPort);
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Cuts the first connection on which a client sends that text. */
  cutAt(text: string, cut: Cut): void {
    this.text = Buffer.from(text);
    this.cut = cut;
  }

  /** Whether what `cutAt` was told has not come yet. */
  get waitsToCut(): boolean {
    return this.text !== undefined;
  }

  /** Leads new connections to another server; those there are stay where they are. */
  leadTo(serverPort: number): void {
    this.serverPort = serverPort;
  }

  /** Cuts every connection there is. New ones are let through. */
  cutAll(): void {
    for (const { end } of this.passages) end();
  }

  /**
   * Drops every packet of the connections there are, both ways, and tells nobody: as when a firewall has lost its
   * state. New ones are let through.
   */
  swallow(): void {
    for (const passage of this.passages) passage.swallowed = true;
  }

  /** Ends what was swallowed, as the TCP keep-alive of the one side or the other does at last. */
  endSwallowed(): void {
    for (const { swallowed, end } of this.passages) if (swallowed) end();
  }

  private pass(client: Socket): void {
    const server = connect(this.serverPort, '127.0.0.1');
    const passage: Passage = {
      swallowed: false,
      end: () => {
        this.passages.delete(passage);
        client.destroy();
        server.destroy();
      },
    };
    this.passages.add(passage);
    const { end } = passage;
    for (const socket of [client, server]) {
      // An error is followed by the close.
      socket.on('error', () => undefined).setNoDelay(true);
      // The end of a swallowed connection is swallowed, too: the other side goes on believing in it.
      socket.on('close', () => passage.swallowed || end());
    }
    server.on('data', (answer) => passage.swallowed || client.write(answer));
    client.on('data', (request) => {
      if (passage.swallowed) return;
      const at = this.text === undefined ? -1 : request.indexOf(this.text);
      if (at === -1) return server.write(request);
      this.text = undefined;
      switch (this.cut) {
        case 'before':
          return end();
        case 'swallowed':
          passage.swallowed = true;
          return;
        case 'within':
          return server.write(request.subarray(0, at), end);
        case 'after':
          // A script of several statements is answered in several packets, the first one before its commit.
          server.removeAllListeners('data').once('data', () => setTimeout(end, WHOLE_ANSWER_MS));
          return server.write(request);
      }
    });
  }
}
