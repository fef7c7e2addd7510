import { connect } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';

/*
 * One question on a connection of its own, straight to the server: for looking behind the queue's back, and for
 * seeing whether a server answers at all.
 */

const MILLISECONDS_TO_CONNECT = 5000;

export type Row = Record<string, unknown>;

/** Runs one SQL statement and answers its rows. */
export async function askPostgres(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: MILLISECONDS_TO_CONNECT });
  // A connection that breaks while it is idle is told by event; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Runs one SQL statement and answers its rows. */
export async function askMysql(url: string, sql: string): Promise<Row[]> {
  const connection = await createConnection({ uri: url, connectTimeout: MILLISECONDS_TO_CONNECT });
  try {
    const [rows] = await connection.query(sql);
    return Array.isArray(rows) ? (rows as Row[]) : [];
  } finally {
    await connection.end();
  }
}

/** Sends one command, with its body if it has one, and answers what comes back first. */
export async function askBeanstalkd(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port || 11300) }).setEncoding('utf8');
  socket.write(`${command}\r\n`);
  // Leaving the loop destroys the socket.
  for await (const answer of socket as AsyncIterable<string>) return answer.trimEnd();
  throw new Error(`beanstalkd closed the connection without an answer to ${command}.`);
}
