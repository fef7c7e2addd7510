import { type INestApplicationContext, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InvalidConfigurationError, JobQueueError } from '../core/errors';
import { JobQueueLifecycle } from './job-queue.lifecycle';

type RootModule = Parameters<typeof NestFactory.createApplicationContext>[0];
export type RunWorkerOptions = NonNullable<Parameters<typeof NestFactory.createApplicationContext>[1]>;

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Runs the workers of a module as this process's only purpose: `void runWorker(WorkerModule)`.
 *
 * - The first SIGTERM or SIGINT: nothing more is reserved, running handlers end within `shutdownTimeout`, then
 *   the application is closed; exit code 0.
 * - A second one: exit code 1 at once. What ran becomes ready again when its ttr is over.
 * - A start that fails: one message, exit code 1.
 */
export async function runWorker(module: RootModule, options: RunWorkerOptions = {}): Promise<void> {
  const logger = new Logger('JobQueue');
  // A worker without a server may have no socket and no timer for a moment: that is no reason to end.
  setInterval(() => {}, 2 ** 30);
  try {
    const stopped = stopSignal(logger);
    const app = await NestFactory.createApplicationContext(module, { ...options, abortOnError: false });
    const queues = lifecyclesOf(app);
    logger.log(`Worker is ready: process ${process.pid} works on ${pipelinesOf(queues)}`);
    logger.log(`${await stopped}: no more jobs are reserved, waiting for those that run`);
    // Before app.close(): handlers may need what other modules close in their first hook.
    await Promise.all(queues.map((queue) => queue.drain()));
    await app.close();
    logger.log('Worker has stopped in order');
  } catch (error) {
    logger.error(`The worker ends with an error: ${messageOf(error)}`);
    process.exit(1);
  }
  process.exit(0);
}

/** Resolves with the first signal; the second one ends the process. */
function stopSignal(logger: Logger): Promise<string> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: string): void => {
      if (stopping) {
        logger.warn(
          `${signal} again: the process ends at once, running jobs are ready again after their ttr`,
        );
        process.exit(1);
      }
      stopping = true;
      resolve(signal);
    };
    for (const signal of STOP_SIGNALS) process.on(signal, stop);
  });
}

function lifecyclesOf(app: INestApplicationContext): JobQueueLifecycle[] {
  try {
    return app.get(JobQueueLifecycle, { strict: false, each: true });
  } catch (error) {
    throw new InvalidConfigurationError("The worker's module imports no JobQueueModule.forRoot().", {
      cause: error,
    });
  }
}

function pipelinesOf(queues: readonly JobQueueLifecycle[]): string {
  const pipelines = queues.flatMap((queue) => queue.pipelines);
  if (pipelines.length === 0) {
    throw new InvalidConfigurationError(
      'The worker has nothing to do: no class with @Processor() is provided, or workers are switched off.',
    );
  }
  return pipelines.join(', ');
}

function messageOf(error: unknown): string {
  if (error instanceof JobQueueError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
