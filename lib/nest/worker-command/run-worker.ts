import {
  ConsoleLogger,
  type DynamicModule,
  type INestApplicationContext,
  Logger,
  Module,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { detailsOf } from '../../core/checks/text';
import { InvalidConfigurationError, JobQueueError, type JobQueueErrorCode } from '../../core/contract/errors';
import { JobQueueLifecycle } from '../workers/job-queue.lifecycle';
import { refuseMisspelt, usage, workerCommandOptions } from './command-line';
import { Heartbeat } from './heartbeat';
import { JobEventLog } from './job-event-log';
import { Limits } from './limits';
import { stopSignal } from './stop-signal';
import type { CheckedWorkerOptions, WorkerCommandOptions } from './worker-command.options';
import { WORKER_PLAN, type WorkerPlan } from './worker-plan';

type RootModule = Parameters<typeof NestFactory.createApplicationContext>[0];
type ApplicationOptions = NonNullable<Parameters<typeof NestFactory.createApplicationContext>[1]>;

export interface RunWorkerOptions extends ApplicationOptions, WorkerCommandOptions {
  /** The command line; `[]` for a program with arguments of its own. @default the arguments of the process */
  readonly args?: readonly string[];
}

/** For a process manager: after 1 a restart may help, after 2 it does not. */
const FAILED = 1;
const MISCONFIGURED = 2;
const MISTAKES: readonly JobQueueErrorCode[] = [
  'INVALID_CONFIGURATION',
  'INVALID_JOB_OPTION',
  'INVALID_PIPELINE_NAME',
  'MISSING_DRIVER',
  'MISSING_PACKAGE',
  'UNSUPPORTED_SERVER',
  'UNSUPPORTED_BY_BACKEND',
  'PROCESSOR_MISCONFIGURED',
];

/**
 * Runs the workers of a module as this process's only purpose. Options come from the command line (`--help` lists
 * them), from code and from the environment, in this order.
 *
 * - The first SIGTERM or SIGINT, or a limit that is reached: it reserves nothing more, running handlers have
 *   `shutdownTimeout` to end, then the application closes; exit code 0.
 * - A second signal: exit code 1 at once. The jobs that ran are ready again when their ttr is over.
 * - A start that fails: one message, and exit code 2 when the configuration is wrong, so that no restart helps;
 *   otherwise 1.
 *
 * @example
 * void runWorker(WorkerModule, { pipelines: ['mail'], maxTime: '12h' });
 */
export async function runWorker(module: RootModule, options: RunWorkerOptions = {}): Promise<void> {
  const { args = process.argv.slice(2) } = options;
  const logger = new Logger('JobQueue');
  if (args.includes('--help')) {
    process.stdout.write(usage());
    process.exit(0);
  }
  outliveTheLog();
  // A worker without a server may have no socket and no timer for a moment, and must not end for that.
  setInterval(() => {}, 2 ** 30);
  try {
    refuseMisspelt(options);
    await work(module, options, workerCommandOptions(args, options, process.env), logger);
  } catch (error) {
    logger.error(`The worker ends with an error: ${textOf(error)}`);
    process.exit(isMistake(error) ? MISCONFIGURED : FAILED);
  }
  process.exit(0);
}

/** The reader of its log is gone, or the disk is full: the worker goes on without a log. */
function outliveTheLog(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

async function work(
  module: RootModule,
  options: ApplicationOptions,
  command: CheckedWorkerOptions,
  logger: Logger,
): Promise<void> {
  const stopped = stopSignal(logger);
  const { pipelines, concurrency, heartbeatFile, json = false } = command;
  const heartbeat = heartbeatFile === undefined ? undefined : await Heartbeat.at(heartbeatFile, logger);
  const limits = new Limits(command);
  const plan: WorkerPlan = {
    ...(pipelines && { pipelines }),
    overrides: concurrency === undefined ? {} : { concurrency },
    budget: limits.budget,
    observers: [...limits.observers, ...(json ? [new JobEventLog()] : [])],
  };
  const app = await NestFactory.createApplicationContext(withPlan(module, plan), {
    ...options,
    ...(json && { logger: jsonLogger(options.logger) }),
    abortOnError: false,
  });
  const queues = lifecyclesOf(app);
  logger.log(`Worker is ready: process ${process.pid} works on ${pipelinesOf(queues)}`);
  heartbeat?.start(queues);

  const ending = new AbortController();
  const reason = await Promise.race([stopped, limits.reached(queues, ending.signal)]);
  ending.abort();
  logger.log(`${reason}: no more jobs are reserved, waiting for those that run`);
  // Before app.close(): handlers may need what other modules close in their first hook.
  await Promise.all(queues.map((queue) => queue.drain()));
  await heartbeat?.stop();
  await app.close();
  logger.log('Worker has stopped in order');
}

@Module({})
class WorkerRootModule {}

/** The plan is needed when the workers start, which is before Nest returns the application. */
function withPlan(module: RootModule, plan: WorkerPlan): DynamicModule {
  return {
    module: WorkerRootModule,
    global: true,
    imports: [module as DynamicModule],
    providers: [{ provide: WORKER_PLAN, useValue: plan }],
    exports: [WORKER_PLAN],
  };
}

/** Keeps a logger of the application: it may write JSON in its own way. */
function jsonLogger(logger: ApplicationOptions['logger']): NonNullable<ApplicationOptions['logger']> {
  if (logger === undefined) return new ConsoleLogger({ json: true });
  return Array.isArray(logger) ? new ConsoleLogger({ json: true, logLevels: logger }) : logger;
}

function lifecyclesOf(app: INestApplicationContext): JobQueueLifecycle[] {
  try {
    return app.get(JobQueueLifecycle, { strict: false, each: true });
  } catch (error) {
    throw new InvalidConfigurationError(
      "The worker's module imports no JobQueueModule.forRoot(): import it there.",
      {
        cause: error,
      },
    );
  }
}

function pipelinesOf(queues: readonly JobQueueLifecycle[]): string {
  const pipelines = queues.flatMap((queue) => queue.pipelines);
  if (pipelines.length === 0) {
    throw new InvalidConfigurationError(
      'The worker has nothing to do: no class with @Processor() is provided, or workers are switched off. Provide one, or take away workers: false and JOB_QUEUE_WORKERS.',
    );
  }
  return pipelines.join(', ');
}

function isMistake(error: unknown): boolean {
  return error instanceof JobQueueError && MISTAKES.includes(error.code);
}

function textOf(error: unknown): string {
  return error instanceof JobQueueError ? error.message : detailsOf(error);
}
