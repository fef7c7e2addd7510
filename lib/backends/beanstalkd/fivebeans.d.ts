/* What the beanstalkd backend uses of fivebeans 1.5.0, which comes without types. */
declare module 'fivebeans' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export type Argument = string | number | Buffer;

  /** Gets the answer's first word when it is not the expected one, otherwise null; only the socket's owner passes an error. */
  export type Callback = (problem: string | Error | null) => void;

  /** Reads one answer. */
  export interface ResponseHandler {
    /** The word that means success. */
    readonly expectedResponse: string;
    /** The answer's other words and its body; the first word too when it is not the expected one. */
    readonly args: readonly (string | Buffer)[];
    /** How the body after each word is read. */
    RESPONSES_REQUIRING_BODY: Readonly<Record<string, 'passthrough' | 'yaml'>>;
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
    | 'stats_job'
    | 'stats_tube'
    | 'stats';

  type Commands = Readonly<Record<Command, (...args: [...args: Argument[], callback: Callback]) => void>>;

  export interface Client extends EventEmitter, Commands {
    /** Null until `connect()`. */
    readonly stream: Socket | null;
    /** The commands that are not yet answered, oldest first. */
    readonly handlers: [ResponseHandler, Callback][];
    connect(): void;
  }

  export const client: new (host: string, port: number) => Client;
}
