import type { Socket } from 'node:net';
import type { Argument, Client, Command } from 'fivebeans';
import { BackendUnavailableError } from '../../../core/contract/errors';
import type { Seconds } from '../../../core/contract/job-data';
import { checkedPipelineName } from '../../../core/contract/pipeline-name';
import type { Address } from './address';
import { AnswerDeadline } from './answer-deadline';
import { connectFivebeans } from './fivebeans-client';
import { faultOf, type ReceivedReply, type Reply, tellsOfFault } from './reply';
import { MalformedReplyError, ReplyReader } from './reply-reader';

/** How long the server may take to close its side of a connection that we have closed. */
const CLOSING_TIME_MS = 1000;
/** A command or a reply with a large body has one more second for each so many bytes. */
const BYTES_A_SECOND = 1024 * 1024;

/** A command that is not answered yet, which fivebeans keeps as its callback. */
export interface PendingCommand {
  /** How long its reply may take, in milliseconds. */
  readonly patience: number;
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/*
 * One socket, from its beginning to its end. A new connection is a new object, which starts in a known state. This is
 * the only file that speaks to fivebeans, which connects, writes the commands and keeps their order. It makes up for
 * what fivebeans lacks:
 *
 *   - fivebeans never calls the callbacks of a socket that dies: here every command fails with the error.
 *   - It waits for a reply for ever: see `AnswerDeadline`.
 *   - It reads in quadratic time and without limits, and parses YAML into functions: see `ReplyReader` and `Stats`.
 *   - It writes every command by itself. Here all commands of one tick leave in one packet, so commands are pipelined
 *     by not awaiting them one by one.
 *   - It leaves Nagle's algorithm on, which holds the second packet back until the first is acknowledged.
 */
export class BeanstalkdConnection {
  /** Host and port, as they stand in messages. */
  readonly server: string;
  private readonly reader: ReplyReader;
  private readonly deadline = new AnswerDeadline(() => this.onSilence());
  private readonly patience: number;
  private failure: Error | undefined;
  private endListener: ((cause: Error) => void) | undefined;
  /** When it last sent something, in milliseconds of `performance.now()`. */
  private heardAt = performance.now();
  private connected = false;
  private closing = false;
  /** What is written when the tick is over. */
  private outbox: Buffer[] = [];
  /** The pipeline that put, peek and kick are about, once all that is written has arrived. */
  private used = 'default';

  private constructor(
    private readonly client: Client<PendingCommand>,
    private readonly socket: Socket,
    { host, port, timeout }: Address,
    longestBody: number,
  ) {
    this.server = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.patience = timeout * 1000;
    this.reader = new ReplyReader(longestBody, (reply) => this.onReply(reply));
    client.on('connect', () => (this.connected = true));
    client.on('error', (error: Error) => this.fail(this.problemOf(error), error));
    client.on('close', () => this.fail(`${this.server} closed the connection.`));
    client.tryHandlingResponse = () => this.onData();
    client.stream = { write: (command: Buffer) => this.write(command) };
    socket.setNoDelay(true);
  }

  /**
   * Resolves before it is connected: commands can be sent at once, and reject when connecting fails. A reply with a
   * body of more than `longestBody` bytes ends the connection.
   */
  static async open(address: Address, longestBody: number): Promise<BeanstalkdConnection> {
    const { client, socket } = await connectFivebeans<PendingCommand>(address.host, address.port);
    return new BeanstalkdConnection(client, socket, address, longestBody);
  }

  get alive(): boolean {
    return !this.failure && !this.closing;
  }

  /** How long the connection has been idle; 0 while a reply is awaited. */
  get silentFor(): Seconds {
    return this.client.handlers.length > 0 ? 0 : (performance.now() - this.heardAt) / 1000;
  }

  /** Calls back once, when the connection has ended, on either side. One listener at most. */
  onEnd(listener: (cause: Error) => void): void {
    if (this.failure) listener(this.failure);
    else this.endListener = listener;
  }

  /** Resolves with the server's reply, whatever it says; rejects only when the connection breaks. */
  send(command: Command, ...args: Argument[]): Promise<Reply> {
    return this.sendPatiently(0, command, ...args);
  }

  /** As `ask`, for a reply that may take that much longer than usual. */
  async askPatiently(longer: Seconds, command: Command, ...args: Argument[]): Promise<Reply> {
    return this.healthy(await this.sendPatiently(longer, command, ...args), command);
  }

  /** Resolves with the reply of a healthy server; throws the error that another reply stands for. */
  async ask(command: Command, ...args: Argument[]): Promise<Reply> {
    return this.healthy(await this.send(command, ...args), command);
  }

  /**
   * What is written next, up to the next await, is about this pipeline. The command goes first in the same packet. If
   * it fails (the server has no memory for a name), the connection fails with everything behind it, which would be
   * about the pipeline used before.
   */
  use(pipeline: string): void {
    if (this.used === checkedPipelineName(pipeline)) return;
    this.used = pipeline;
    this.ask('use', pipeline).catch((error: Error) => this.failWith(error));
  }

  /** Resolves when the server has closed its side too, after it has given back all jobs held here. */
  async close(): Promise<void> {
    if (this.socket.closed) return;
    if (!this.closing) {
      // Half-closed: what is written still arrives, and the server ends a wait for a job.
      this.flush();
      this.socket.end();
      this.closing = true;
      this.deadline.restart(CLOSING_TIME_MS);
    }
    await new Promise((resolve) => this.socket.once('close', resolve));
  }

  private sendPatiently(longer: Seconds, command: Command, ...args: Argument[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      const body = args.at(-1);
      const bytes = body instanceof Buffer ? body.length : 0;
      const patience = this.patience + (longer + bytes / BYTES_A_SECOND) * 1000;
      const isOldest = this.client.handlers.length === 0;
      this.client[command](...args, { patience, resolve, reject });
      if (isOldest && !this.closing) this.deadline.restart(patience);
    });
  }

  private healthy(reply: Reply, command: Command): Reply {
    if (tellsOfFault(reply)) throw faultOf(reply, command, this.server);
    return reply;
  }

  /** fivebeans has put a piece into its buffer. */
  private onData(): void {
    const piece = this.client.buffer;
    this.client.buffer = undefined;
    if (!piece || this.failure) return;
    this.heardAt = performance.now();
    const [before, awaitedBefore] = [this.client.handlers[0], this.reader.missing];
    try {
      this.reader.read(piece);
    } catch (error) {
      if (!(error instanceof MalformedReplyError)) throw error;
      return this.fail(`${this.server} sends ${error.message}: is it a beanstalkd?`);
    }
    const oldest = this.client.handlers[0];
    const bodyBegins = awaitedBefore === 0 && this.reader.missing > 0;
    if (this.closing || (oldest === before && !bodyBegins)) return;
    if (oldest) this.deadline.restart(oldest[1].patience + (this.reader.missing / BYTES_A_SECOND) * 1000);
    else this.deadline.rest();
  }

  private onReply({ word, value, body, garbled }: ReceivedReply): void {
    const oldest = this.client.handlers.shift();
    if (!oldest) throw new MalformedReplyError('what nobody has asked for');
    const [{ expectedResponse }, pending] = oldest;
    pending.resolve({ word, value, body, garbled, done: word === expectedResponse });
  }

  private write(command: Buffer): void {
    this.outbox.push(command);
    // Sent when the connection ends in order.
    if (this.outbox.length === 1) process.nextTick(() => this.flush());
  }

  private flush(): void {
    if (this.outbox.length === 0) return;
    this.socket.write(Buffer.concat(this.outbox));
    this.outbox = [];
  }

  private onSilence(): void {
    const seconds = this.patience / 1000;
    if (this.closing) this.fail(`${this.server} was slow to close the connection.`);
    else if (!this.connected) this.fail(`${this.server} cannot be reached within ${seconds} s.`);
    else this.fail(`${this.server} does not answer within ${seconds} s.`);
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
    this.deadline.stop();
    this.socket.destroy();
    for (const [, pending] of this.client.handlers.splice(0)) pending.reject(error);
    this.endListener?.(error);
  }
}
