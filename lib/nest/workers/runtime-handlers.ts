import { InvalidConfigurationError } from '../../core/contract/errors';
import type { JobId, Seconds } from '../../core/contract/job-data';
import type { StandardSchema } from '../../core/payload/payload-schema';
import type { Handler } from '../../core/policy/job';
import type { JobEvents } from '../../core/policy/job-events';
import type { HandlerOptions } from '../options/handler.options';

/** A handler that was registered while the application runs, until it is closed. */
export interface RunningHandler {
  readonly pipeline: string;
  /**
   * Takes no more jobs and waits for the running ones, at most for the queue's `shutdownTimeout`; then they are
   * given back without counting an attempt. Does nothing the second time. The end of the application does the same.
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

/** Has the queue's workers. */
export interface HandlerHost {
  readonly events: JobEvents;
  /** The pipelines that this process works on now. */
  readonly pipelines: readonly string[];
  /** Whether the workers hold jobs that have not ended, or whose end is not settled. */
  readonly busy: boolean;
  /** The `ttr` of jobs of that pipeline without their own; undefined where none is set. */
  ttrOf(pipeline: string): Seconds | undefined;
  register(handler: RuntimeHandler): Promise<RunningHandler>;
  /** Works on all handlers' jobs for as long as that takes, in a process that otherwise does not. */
  workWhile(task: () => Promise<void>): Promise<void>;
}

/** Where the service finds the queue's workers, which are made after it. */
export class RuntimeHandlers {
  /** A test tells the workers when to work: what they would announce at their start is announced all the same. */
  onDemand = false;
  private host: HandlerHost | undefined;

  attach(host: HandlerHost): void {
    this.host = host;
  }

  get workers(): HandlerHost {
    if (!this.host) {
      throw new InvalidConfigurationError(
        'The workers of the queue are not made: it is a queue of no module, or the application is not compiled yet. In a test give JobQueueTester the queue’s name, and call replace() before compile().',
      );
    }
    return this.host;
  }

  ttrOf(pipeline: string): Seconds | undefined {
    return this.host?.ttrOf(pipeline);
  }

  /** Calls back from now on when a job has ended in this process. */
  whenEnded(listener: (id: JobId) => void): void {
    for (const event of ['completed', 'buried', 'cancelled'] as const)
      this.host?.events.on(event, ({ job }) => listener(job.id));
  }

  async register(handler: RuntimeHandler): Promise<RunningHandler> {
    return this.workers.register(handler);
  }
}
