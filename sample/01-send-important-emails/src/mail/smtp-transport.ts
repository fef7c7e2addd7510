import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createTransport, type Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool';

const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const SILENCE_TIMEOUT_MS = 20_000;

export type SmtpTransport = Transporter<SMTPPool.SentMessageInfo, SMTPPool.Options>;

/** Sends mails over connections that stay open, to `smtp://user:password@host:port`, or smtps:// for TLS at once. */
export function smtpTransport(smtpUrl: string): SmtpTransport {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  return createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: Infinity,
    host: hostname,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    ...(username !== '' && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
    socketTimeout: SILENCE_TIMEOUT_MS,
    getSocket: ({ host, port }, callback) => {
      openSocket(String(host), Number(port)).then(
        (connection) => callback(null, { connection }),
        (error: Error) => callback(error, undefined),
      );
    },
  });
}

/**
 * nodemailer sends the end of a mail in a packet of its own. With Nagle's algorithm, which is on unless one says
 * noDelay, that packet waits until the server has acknowledged the one before: 40 ms for each mail.
 */
async function openSocket(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
