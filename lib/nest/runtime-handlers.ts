import type { Handler } from '../core/handled-job';
import type { StandardSchema } from '../core/payload-schema';
import type { HandlerOptions } from './handler.options';

/** A handler that was registered while the application runs, until it is closed. */
export interface RunningHandler {
  readonly pipeline: string;
  /**
   * Takes no more jobs and waits for the running ones, at most for the queue's `shutdownTimeout`; then they are
   * given back at no attempt. Does nothing the second time. The end of the application does the same.
   */
  close(): Promise<void>;
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RuntimeHandler {
  readonly pipeline: string;
  readonly schema: StandardSchema | undefined;
  readonly handler: Handler;
  readonly options: HandlerOptions;
}

/** Whoever has the queue's workers. */
export interface HandlerHost {
  register(handler: RuntimeHandler): Promise<RunningHandler>;
}

/** Where the service finds the queue's workers, which are made after it. */
export class RuntimeHandlers {
  private host: HandlerHost | undefined;

  attach(host: HandlerHost): void {
    this.host = host;
  }

  register(handler: RuntimeHandler): Promise<RunningHandler> {
    if (!this.host) throw new TypeError('The workers of the queue are not made yet');
    return this.host.register(handler);
  }
}
