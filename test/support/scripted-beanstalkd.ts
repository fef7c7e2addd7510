import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What is sent back for a command; nothing when it is undefined. */
export type Script = (args: readonly string[], socket: Socket) => string | undefined;

export interface ScriptedBeanstalkd {
  readonly url: string;
  readonly port: number;
  /** The commands that came, without their bodies. */
  readonly asked: string[];
  close(): Promise<void>;
}

const STATS = '---\nversion: "1.12"\nmax-job-size: 65535\n';

const ORDINARY: Readonly<Record<string, Script>> = {
  stats: () => ok(STATS),
  use: ([tube]) => `USING ${tube}\r\n`,
  watch: () => 'WATCHING 2\r\n',
  ignore: () => 'WATCHING 1\r\n',
  'reserve-with-timeout': () => 'TIMED_OUT\r\n',
};

/**
 * Speaks as much of the protocol as it is told to, for replies that no real beanstalkd gives. What the script does
 * not name gets what an empty server says, and otherwise NOT_FOUND.
 */
export async function scriptedBeanstalkd(
  script: Readonly<Record<string, Script>>,
): Promise<ScriptedBeanstalkd> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let pending = '';
    socket.setEncoding('latin1').on('data', (piece: string) => {
      pending += piece;
      for (;;) {
        const end = pending.indexOf('\r\n');
        if (end === -1) return;
        const [command = '', ...args] = pending.slice(0, end).split(' ');
        const length = end + 2 + (command === 'put' ? Number(args[3]) + 2 : 0);
        if (pending.length < length) return;
        asked.push(pending.slice(0, end));
        pending = pending.slice(length);
        const reply = (script[command] ?? ORDINARY[command] ?? (() => 'NOT_FOUND\r\n'))(args, socket);
        if (reply !== undefined) socket.write(reply, 'latin1');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `beanstalkd://127.0.0.1:${port}`,
    port,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A reply that has a body. */
export function ok(body: string): string {
  return `OK ${body.length}\r\n${body}\r\n`;
}
