import type { Logger } from '../../core/contract/logger';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves with the first signal; the second one ends the process with exit code 1. */
export function stopSignal(logger: Logger): Promise<string> {
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
