import type { Logger } from '../../core/contract/logger';

/** Applications enable their hooks after Nest has handed them out. */
const MILLISECONDS_TO_ENABLE = 1000;

let asked = false;

/**
 * Warns once in a process that works on jobs and would die of SIGTERM at once. Nest does not tell whether its hooks
 * are enabled; what counts is whether anybody listens to the signal.
 */
export function warnWithoutShutdownHooks(logger: Logger): void {
  if (asked) return;
  asked = true;
  const look = (): void => {
    if (process.listenerCount('SIGTERM') > 0) return;
    logger.warn(
      'Shutdown hooks are not enabled: SIGTERM ends this process at once, and its running jobs stay reserved until their ttr is over. Call app.enableShutdownHooks() in main.ts',
    );
  };
  setTimeout(look, MILLISECONDS_TO_ENABLE).unref();
}
