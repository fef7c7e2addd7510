import { DemoError } from './demo.error';

/** Aborts at SIGINT or SIGTERM, so that what was started is stopped before the process ends. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => controller.abort(new DemoError(`Interrupted by ${signal}.`)));
  }
  return controller.signal;
}
