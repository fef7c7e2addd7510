import type { Logger } from './logger';

/** A log that cannot be written (a full disk, a reader that is gone) must not end what it tells of. */
export function unfailing(logger: Logger): Logger {
  const attempt =
    <A extends unknown[]>(write: (...args: A) => void) =>
    (...args: A): void => {
      try {
        write(...args);
      } catch {
        // There is no other place to report it.
      }
    };
  return {
    log: attempt((message: string) => logger.log(message)),
    warn: attempt((message: string) => logger.warn(message)),
    error: attempt((message: string, stack?: string) =>
      stack === undefined ? logger.error(message) : logger.error(message, stack),
    ),
    ...(logger.debug && { debug: attempt((message: string) => logger.debug?.(message)) }),
    ...(logger.verbose && { verbose: attempt((message: string) => logger.verbose?.(message)) }),
    ...(logger.fatal && { fatal: attempt((message: string) => logger.fatal?.(message)) }),
  };
}
