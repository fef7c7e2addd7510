import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Where a connection breaks: before a text has left, in the middle of its message, or when it has arrived. */
export type Cut = 'before' | 'within' | 'after';

/** A TCP proxy in front of a server of this machine that cuts a connection when a text passes. */
export class Proxy {
  private text: Buffer | undefined;
  private cut: Cut = 'before';

  private constructor(
    private readonly listener: Server,
    private readonly serverPort: number,
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

  private pass(client: Socket): void {
    const server = connect(this.serverPort, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('close', end).on('error', end).setNoDelay(true);
    server.on('data', (answer) => client.write(answer));
    client.on('data', (request) => {
      const at = this.text === undefined ? -1 : request.indexOf(this.text);
      if (at === -1) return server.write(request);
      this.text = undefined;
      switch (this.cut) {
        case 'before':
          return end();
        case 'within':
          return server.write(request.subarray(0, at), end);
        case 'after':
          server.removeAllListeners('data').once('data', end);
          return server.write(request);
      }
    });
  }
}
