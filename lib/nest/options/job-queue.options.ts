import type { BackendProvider, QueueBackend } from '../../core/contract/backend';
import { checkedInteger, checkedSeconds } from '../../core/contract/checks';
import { InvalidConfigurationError, shown } from '../../core/contract/errors';
import type { Seconds } from '../../core/contract/job-data';
import { jsonCodec, limitedCodec, type PayloadCodec, strictCodec } from '../../core/payload/payload-codec';
import { type HandlerOptions, handlerSettings } from './handler.options';
import type { CurrentTransaction } from './service.options';

export interface JobQueueModuleOptions {
  /**
   * A URL (`sqlite:jobs.sqlite`, `postgres://…`, `mysql://…`, `beanstalkd://host:11300`), a backend, or a
   * provider of one that is made of other things of the application. Default: the environment variable
   * `JOB_QUEUE_URL`, else `sqlite:job-queue.sqlite`.
   */
  readonly backend?: string | QueueBackend | BackendProvider;
  /** Whether this process works on jobs; default true. `JOB_QUEUE_WORKERS=0` in the environment says no, too. */
  readonly workers?: boolean;
  /** For every handler that does not say otherwise. */
  readonly defaults?: HandlerOptions;
  /**
   * Run the application's global guards, interceptors, pipes and filters around handlers, too, with an
   * `ExecutionContext` of type `'job'`; default false, because they are mostly written for requests.
   */
  readonly globalEnhancers?: boolean;
  /** Seconds that running handlers get to end when the application stops; default 30. */
  readonly shutdownTimeout?: Seconds;
  /** How payloads are stored; default JSON. Producers and consumers of a pipeline must agree. */
  readonly codec?: PayloadCodec;
  /** The most bytes that a stored payload may have; default: what the backend takes. */
  readonly maxPayloadBytes?: number;
  /**
   * The transaction that `addJob` and `addJobs` join when they are not told another one: asked at every call. An
   * EntityManager or QueryRunner of TypeORM's with a transaction under way is joined, anything else is none.
   */
  readonly currentTransaction?: CurrentTransaction;
}

/** What a class for `useClass` or `useExisting` of `forRootAsync` has to offer. */
export interface JobQueueOptionsFactory {
  createJobQueueOptions(): JobQueueModuleOptions | Promise<JobQueueModuleOptions>;
}

/** The module's options complete and checked. */
export interface JobQueueSettings {
  readonly backend: string | QueueBackend | BackendProvider;
  readonly workers: boolean;
  readonly defaults: HandlerOptions;
  readonly globalEnhancers: boolean;
  readonly shutdownTimeout: Seconds;
  readonly codec: PayloadCodec;
  readonly currentTransaction: CurrentTransaction | undefined;
}

const DEFAULT_URL = 'sqlite:job-queue.sqlite';
const DEFAULT_SHUTDOWN_TIMEOUT: Seconds = 30;

export function jobQueueSettings(options: JobQueueModuleOptions): JobQueueSettings {
  if (typeof (options as unknown) !== 'object' || options === null) {
    throw new InvalidConfigurationError(
      `The options of the queue are ${shown(options)}: answer an object, {} for the defaults, from the factory.`,
    );
  }
  const { JOB_QUEUE_URL, JOB_QUEUE_WORKERS } = process.env;
  const defaults = options.defaults ?? {};
  handlerSettings(defaults);
  return {
    backend: options.backend ?? (JOB_QUEUE_URL || DEFAULT_URL),
    workers: checkedWorkers(options.workers ?? true) && environmentSays(JOB_QUEUE_WORKERS),
    defaults,
    globalEnhancers: options.globalEnhancers ?? false,
    shutdownTimeout: checkedSeconds('shutdownTimeout', options.shutdownTimeout ?? DEFAULT_SHUTDOWN_TIMEOUT),
    codec: codecOf(options),
    currentTransaction: checkedTransaction(options.currentTransaction),
  };
}

/** A text from a configuration file, 'false' for one, would count as true. */
function checkedWorkers(workers: unknown): boolean {
  if (typeof workers === 'boolean') return workers;
  throw new InvalidConfigurationError(`The option workers is ${shown(workers)}: use true or false.`);
}

function environmentSays(workers: string | undefined): boolean {
  const said = (workers ?? '').trim().toLowerCase();
  if (['0', 'false', 'no', 'off'].includes(said)) return false;
  if (['', '1', 'true', 'yes', 'on'].includes(said)) return true;
  throw new InvalidConfigurationError(
    `JOB_QUEUE_WORKERS is ${shown(workers)}: use 0 for a process that works on no jobs, 1 for one that does.`,
  );
}

function checkedTransaction(current: unknown): CurrentTransaction | undefined {
  if (current === undefined || typeof current === 'function')
    return current as CurrentTransaction | undefined;
  throw new InvalidConfigurationError(
    `The option currentTransaction is ${shown(current)}: use a function that answers an EntityManager, or undefined.`,
  );
}

function checkedCodec(codec: PayloadCodec): PayloadCodec {
  const { encode, decode } = codec as Partial<PayloadCodec>;
  if (typeof encode === 'function' && typeof decode === 'function') return strictCodec(codec);
  throw new InvalidConfigurationError(
    'The option codec lacks a function: use { encode: (payload) => text, decode: (text) => payload }.',
  );
}

function codecOf({ codec: own, maxPayloadBytes }: JobQueueModuleOptions): PayloadCodec {
  const codec = own === undefined || own === jsonCodec ? jsonCodec : checkedCodec(own);
  if (maxPayloadBytes === undefined) return codec;
  return limitedCodec(codec, checkedInteger('maxPayloadBytes', maxPayloadBytes, 1));
}
