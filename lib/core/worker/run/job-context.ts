import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

/**
 * Runs the work in the asynchronous context in which the library was loaded: outside of every request. A worker's
 * loop is started so, and so are all its handlers, whatever registered them or woke the worker.
 */
export const outsideOfRequests = AsyncLocalStorage.snapshot();

/** Runs the work in a context of its own: what it stores by `AsyncLocalStorage.enterWith()` stays in it. */
export function inOwnContext<T>(work: () => T): T {
  return new AsyncResource('JOB').runInAsyncScope(work);
}
