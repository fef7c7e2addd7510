/* What the beanstalkd backend uses of fivebeans 1.5.0, which comes without types. */
declare module 'fivebeans' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export type Argument = string | number | Buffer;

  /** Stands for one command and its reply. */
  export interface ResponseHandler {
    /** The word that means success. */
    readonly expectedResponse: string;
  }

  export type Command =
    | 'use'
    | 'put'
    | 'watch'
    | 'ignore'
    | 'reserve_with_timeout'
    | 'destroy'
    | 'release'
    | 'bury'
    | 'touch'
    | 'kick'
    | 'kick_job'
    | 'peek'
    | 'peek_ready'
    | 'peek_delayed'
    | 'peek_buried'
    | 'pause_tube'
    | 'list_tubes'
    | 'list_tube_used'
    | 'stats_job'
    | 'stats_tube'
    | 'stats';

  type Commands<Callback> = Readonly<
    Record<Command, (...args: [...args: Argument[], callback: Callback]) => void>
  >;

  /** It hands a command's callback on as it came, and calls it nowhere but in `tryHandlingResponse`. */
  export interface Client<Callback> extends EventEmitter, Commands<Callback> {
    /** Null until `connect()`, then its socket: it writes every command here by itself. */
    stream: Socket | { write(command: Buffer): void } | null;
    /** The commands that are not answered yet, oldest first. */
    readonly handlers: [ResponseHandler, Callback][];
    /** What has arrived and was not read; the next piece is appended. */
    buffer: Buffer | undefined;
    /** Called with every piece. */
    tryHandlingResponse: () => void;
    connect(): void;
  }

  export const client: new <Callback>(host: string, port: number) => Client<Callback>;
}
