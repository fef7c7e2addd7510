import { checkedBoolean, checkedDuration, checkedInteger } from '../../core/checks/checks';
import type { Duration } from '../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { read, shown } from '../../core/checks/text';
import { checkedContext, type JobContext, type TravellingContext } from '../../core/context/job-context';
import type { BackendProvider, QueueBackend } from '../../core/contract/backend';
import { InvalidConfigurationError, mustBe } from '../../core/contract/errors';
import type { Seconds } from '../../core/contract/job-data';
import { jsonCodec, limitedCodec, type PayloadCodec, strictCodec } from '../../core/payload/payload-codec';
import type { EventLevels } from '../../core/policy/event-log';
import type { Telemetry } from '../../core/telemetry/telemetry';
import { isDevelopment } from './development';
import { HANDLER_OPTIONS, type HandlerOptions, handlerSettings } from './handler.options';
import { checkedLogging, type LoggingOption } from './logging.options';
import type { CurrentTransaction } from './service.options';
import { checkedWorkers, type Role, type WorkersOption } from './workers.options';

export interface JobQueueModuleOptions {
  /**
   * A URL (`sqlite:jobs.sqlite`, `postgres://…`, `mysql://…`, `beanstalkd://host:11300`), a backend, or a
   * provider that makes one from other parts of the application.
   *
   * @default the environment variable `JOB_QUEUE_URL`, else `'sqlite:job-queue.sqlite'`
   */
  readonly backend?: string | QueueBackend | BackendProvider | undefined;
  /**
   * Whether this process works on jobs: on those of all pipelines that have a handler, of none, or of these.
   * `JOB_QUEUE_WORKERS` in the environment says `0`, `1` or `mail,reports`; a process works on what both let it. A name
   * without a handler fails the start.
   *
   * @default true
   */
  readonly workers?: WorkersOption;
  /** For handlers that set no option of their own. */
  readonly defaults?: HandlerOptions;
  /**
   * Run the application's global guards, interceptors, pipes and filters around handlers too, with an
   * `ExecutionContext` of type `'job'`. Most are written for requests.
   *
   * @default false
   */
  readonly globalEnhancers?: boolean;
  /**
   * How long running handlers have to end when the application stops.
   *
   * @default 30; 0 in development (`NODE_ENV=development`, `nest start --watch` in a script of npm)
   */
  readonly shutdownTimeout?: Duration;
  /** How payloads are stored. Producers and consumers of a pipeline must agree. @default JSON */
  readonly codec?: PayloadCodec;
  /** The most bytes that a stored payload may have. @default what the backend takes */
  readonly maxPayloadBytes?: number;
  /**
   * Returns the transaction that `addJob` and `addJobs` join unless they are passed another one. It is called every
   * time. They join an EntityManager or QueryRunner of TypeORM with a transaction under way; anything else is no
   * transaction.
   */
  readonly currentTransaction?: CurrentTransaction;
  /**
   * What travels with jobs beside their payload: stored when one is added, restored around its handler and its listeners.
   * Not on beanstalkd.
   */
  readonly context?: JobContext;
  /** Traces and measures the queue: `openTelemetry()` of `nestjs-simple-job-queue/opentelemetry`. */
  readonly telemetry?: Telemetry;
  /**
   * The level at which each event of a job is logged, `false` for none; `false` alone silences all of them.
   *
   * @default { retried: 'warn', buried: 'error', lost: 'warn' }
   */
  readonly logging?: LoggingOption;
}

/** What a class for `useClass` or `useExisting` of `forRootAsync` implements. */
export interface JobQueueOptionsFactory {
  createJobQueueOptions(): JobQueueModuleOptions | Promise<JobQueueModuleOptions>;
}

export const MODULE_OPTIONS: OptionNames<JobQueueModuleOptions> = {
  backend: true,
  workers: true,
  defaults: true,
  globalEnhancers: true,
  shutdownTimeout: true,
  codec: true,
  maxPayloadBytes: true,
  currentTransaction: true,
  context: true,
  logging: true,
  telemetry: true,
};

/** Where the backend's name comes from, for the log. */
export type BackendSource = 'the option backend' | 'JOB_QUEUE_URL' | 'the default';

/** The module's options, complete and checked. */
export interface JobQueueSettings {
  /** A function, so that printing the application shows no password. */
  readonly backend: () => string | QueueBackend | BackendProvider;
  readonly source: BackendSource;
  readonly workers: boolean;
  readonly roles: readonly Role[];
  readonly defaults: HandlerOptions;
  readonly globalEnhancers: boolean;
  readonly shutdownTimeout: Seconds;
  readonly codec: PayloadCodec;
  readonly currentTransaction: CurrentTransaction | undefined;
  readonly context: TravellingContext | undefined;
  readonly logging: EventLevels;
  readonly telemetry: Telemetry | undefined;
}

export const DEFAULT_URL = 'sqlite:job-queue.sqlite';
const DEFAULT_SHUTDOWN_TIMEOUT: Seconds = 30;
/** A restart must not wait: the next process needs the port. */
const SHUTDOWN_TIMEOUT_IN_DEVELOPMENT: Seconds = 0;

/**
 * @throws {InvalidConfigurationError} for an option of the module that is wrong
 * @throws {InvalidJobOptionError} for one of its `defaults`
 */
export function jobQueueSettings(given: JobQueueModuleOptions): JobQueueSettings {
  if (typeof (given as unknown) !== 'object' || given === null) {
    throw new InvalidConfigurationError(
      `The options of the queue are ${shown(given)}: return an object, {} for the defaults, from the factory.`,
    );
  }
  const options = checkedOptions(given, MODULE_OPTIONS);
  const { JOB_QUEUE_WORKERS } = process.env;
  return {
    ...backendOf(options),
    ...checkedWorkers(options.workers ?? true, JOB_QUEUE_WORKERS),
    logging: checkedLogging(options.logging),
    defaults: checkedDefaults(options.defaults),
    globalEnhancers: checkedBoolean('globalEnhancers', options.globalEnhancers ?? false),
    shutdownTimeout: checkedDuration('shutdownTimeout', options.shutdownTimeout ?? defaultShutdownTimeout()),
    codec: codecOf(options),
    currentTransaction: checkedTransaction(options.currentTransaction),
    context: checkedContext(options.context),
    telemetry: checkedTelemetry(options.telemetry),
  };
}

function backendOf({ backend }: JobQueueModuleOptions): Pick<JobQueueSettings, 'backend' | 'source'> {
  const { JOB_QUEUE_URL } = process.env;
  if (backend !== undefined) return { backend: () => backend, source: 'the option backend' };
  if (JOB_QUEUE_URL) return { backend: () => JOB_QUEUE_URL, source: 'JOB_QUEUE_URL' };
  return { backend: () => DEFAULT_URL, source: 'the default' };
}

function defaultShutdownTimeout(): Seconds {
  return isDevelopment() ? SHUTDOWN_TIMEOUT_IN_DEVELOPMENT : DEFAULT_SHUTDOWN_TIMEOUT;
}

function checkedDefaults(defaults: HandlerOptions = {}): HandlerOptions {
  const checked = checkedOptions(defaults, HANDLER_OPTIONS, 'defaults');
  handlerSettings(checked);
  return checked;
}

function checkedTransaction(current: unknown): CurrentTransaction | undefined {
  if (current === undefined || typeof current === 'function')
    return current as CurrentTransaction | undefined;
  throw mustBe('currentTransaction', 'a function that returns an EntityManager, or undefined', current);
}

function checkedTelemetry(telemetry: Telemetry | undefined): Telemetry | undefined {
  if (telemetry === undefined || typeof read(telemetry, 'send') === 'function') return telemetry;
  throw mustBe('telemetry', 'what openTelemetry() returns', telemetry);
}

function checkedCodec(codec: PayloadCodec): PayloadCodec {
  for (const name of ['encode', 'decode'] as const) {
    const given = read(codec, name);
    if (typeof given === 'function') continue;
    throw new InvalidConfigurationError(
      `codec.${name} must be a function, got ${shown(given)}: use { encode: (payload) => text, decode: (text) => payload }.`,
    );
  }
  return strictCodec(codec);
}

function codecOf({ codec: own, maxPayloadBytes }: JobQueueModuleOptions): PayloadCodec {
  const codec = own === undefined || own === jsonCodec ? jsonCodec : checkedCodec(own);
  if (maxPayloadBytes === undefined) return codec;
  return limitedCodec(codec, checkedInteger('maxPayloadBytes', maxPayloadBytes, 1));
}
