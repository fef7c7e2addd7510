import type { Socket } from 'node:net';
import type { Argument, Client, Command, ResponseHandler } from 'fivebeans';
import { BackendUnavailableError } from '../../core/contract/errors';
import type { Seconds } from '../../core/contract/job-data';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import type { Address } from './address';
import { connectFivebeans } from './fivebeans-client';
import { faultOf, type Reply, tellsOfFault } from './reply';

/** How long the server may take to close its side of a connection that we have closed. */
const CLOSING_TIME: Seconds = 1;

/** What fivebeans would parse as YAML is handed over as it came. */
const PLAIN_BODIES = { OK: 'passthrough' } as const;

/*
 * One socket, from its beginning to its end: whoever needs another connects anew and so starts with the state
 * that he knows. It is the only file that speaks to fivebeans, and makes up for what that leaves open:
 *
 *   - The callbacks of a socket that dies are never called: here they all are, with the error.
 *   - It waits for an answer for ever. Here the socket's own idle timer ends that; it costs no timer per command.
 *   - It writes every command by itself. Here all commands of one tick leave in one packet, whoever sends them,
 *     so commands are pipelined by not awaiting them one by one.
 *   - Nagle's algorithm would hold the second packet back until the first is acknowledged.
 *   - It keeps back what follows an unexpected word (the id in `BURIED <id>`); the answer's reader has it.
 *   - YAML: see `Stats`.
 */
export class BeanstalkdConnection {
  /** Host and port, as they stand in messages. */
  readonly server: string;
  private failure: Error | undefined;
  private connected = false;
  private closing = false;
  private corked = false;
  /** The pipeline that put, peek and kick are about, once all that is written has arrived. */
  private used = 'default';

  private constructor(
    private readonly client: Client,
    private readonly socket: Socket,
    private readonly timeout: Seconds,
    { host, port }: Address,
  ) {
    this.server = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    client.on('connect', () => (this.connected = true));
    client.on('error', (error: Error) => this.fail(this.problemOf(error), error));
    client.on('close', () => this.fail(`${this.server} closed the connection.`));
    socket.on('timeout', () => this.onSilence());
    socket.setNoDelay(true);
    this.expectAnswersWithin(0);
  }

  /** Answers before it is connected: commands can be sent at once, and tell when it comes to nothing. */
  static async open(address: Address): Promise<BeanstalkdConnection> {
    const client = await connectFivebeans(address.host, address.port);
    if (!client.stream) throw new Error('fivebeans has made no socket');
    return new BeanstalkdConnection(client, client.stream, address.timeout, address);
  }

  get alive(): boolean {
    return !this.failure && !this.closing;
  }

  /** Answers whatever the server answers; rejects only when the connection breaks. */
  send(command: Command, ...args: Argument[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.writeTogether();
      this.client[command](...args, (problem) => {
        if (problem instanceof Error) reject(problem);
        else resolve(replyOf(reader, problem));
      });
      const reader = this.newestReader();
      if (reader.expectedResponse === 'OK') reader.RESPONSES_REQUIRING_BODY = PLAIN_BODIES;
    });
  }

  /** Answers what a healthy server answers; a word that tells of a fault is thrown as the error that it stands for. */
  async ask(command: Command, ...args: Argument[]): Promise<Reply> {
    const reply = await this.send(command, ...args);
    if (tellsOfFault(reply)) throw faultOf(reply, command, this.server);
    return reply;
  }

  /**
   * Makes what is written next, up to the next await, be about this pipeline. The command goes ahead of it in the
   * same packet; if it fails (the server has no memory for a name), so does the connection with everything behind
   * it, which would be about the pipeline used before.
   */
  use(pipeline: string): void {
    if (this.used === checkedPipelineName(pipeline)) return;
    this.used = pipeline;
    this.ask('use', pipeline).catch((error: Error) => this.failWith(error));
  }

  /** Lets the next answer take that much longer than the usual timeout; 0 is the usual one. */
  expectAnswersWithin(longer: Seconds): void {
    if (!this.closing) this.socket.setTimeout((longer + this.timeout) * 1000);
  }

  /** Resolves when the server has closed its side too, which it does after it has given back all jobs held here. */
  async close(): Promise<void> {
    if (this.socket.closed) return;
    if (!this.closing) {
      this.socket.setTimeout(CLOSING_TIME * 1000);
      // Half-closed: what is written still arrives, and the server ends a wait for a job.
      this.socket.end();
      this.closing = true;
    }
    await new Promise((resolve) => this.socket.once('close', resolve));
  }

  private newestReader(): ResponseHandler {
    const newest = this.client.handlers.at(-1);
    if (!newest) throw new Error('fivebeans has queued no handler');
    return newest[0];
  }

  /** Holds back what is written until the tick is over. */
  private writeTogether(): void {
    if (this.corked) return;
    this.corked = true;
    this.socket.cork();
    process.nextTick(() => {
      this.corked = false;
      this.socket.uncork();
    });
  }

  private onSilence(): void {
    if (this.closing) this.fail(`${this.server} was slow to close the connection.`);
    else if (!this.connected) this.fail(`${this.server} cannot be reached within ${this.timeout} s.`);
    else if (this.client.handlers.length > 0)
      this.fail(`${this.server} does not answer within ${this.timeout} s.`);
  }

  private problemOf(error: NodeJS.ErrnoException): string {
    // A name with several addresses ends in an error without a message.
    const reason = error.message || error.code || error.name;
    return this.connected
      ? `the connection to ${this.server} broke: ${reason}`
      : `${this.server} cannot be reached: ${reason}`;
  }

  private fail(problem: string, cause?: Error): void {
    this.failWith(new BackendUnavailableError('beanstalkd', problem, cause ? { cause } : {}));
  }

  private failWith(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    this.socket.destroy();
    for (const [, callback] of this.client.handlers.splice(0)) callback(error);
  }
}

function replyOf({ expectedResponse, args }: ResponseHandler, unexpectedWord: string | null): Reply {
  // fivebeans has taken the expected word off.
  const [value] = unexpectedWord === null ? args : args.slice(1);
  const body = args.at(-1);
  return {
    word: unexpectedWord ?? expectedResponse,
    done: unexpectedWord === null,
    value: typeof value === 'string' ? value : '',
    body: typeof body === 'object' ? body.toString() : '',
  };
}
