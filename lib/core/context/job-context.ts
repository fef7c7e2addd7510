import { checkedOptions, type OptionNames } from '../checks/options';
import { errorNameOf, read } from '../checks/text';
import { InvalidContextError, JobQueueError, mustBe } from '../contract/errors';
import type { Leased } from '../contract/job-data';
import { losslessJson } from '../payload/json-loss';
import { headerOf, withHeaders } from './headers';

/** What travels with jobs, from whoever adds one to its handler: a tenant, a user, the id of a request. */
export interface JobContext<V = unknown> {
  /**
   * Called when jobs are added or a schedule is set, once for each call. What it returns is stored beside the payload, as
   * JSON of at most 8192 bytes; `undefined` stores nothing. It must not be a promise. It stands in no log.
   */
  capture(): V | undefined;
  /**
   * Called for each start of a job and for each of its `@OnJob()` listeners: restores what was captured and calls `next`,
   * which is the handler or the listener. `undefined` is a job without a context: another program has added it, or a
   * schedule at a handler. What `next` does counts, whatever `run` returns; but when `run` fails, so does the attempt.
   */
  run(value: V | undefined, next: () => unknown): unknown;
}

const NAMES: OptionNames<JobContext> = { capture: true, run: true };
const HEADER = 'context';
const MOST_BYTES = 8192;

/** Stores the application's context with jobs, and restores it around what handles them. */
export class TravellingContext {
  constructor(private readonly context: JobContext) {}

  /** The headers of jobs that are added now. @throws InvalidContextError before anything is stored */
  captured(): string | undefined {
    const value = this.capture();
    if (value === undefined) return undefined;
    const text = losslessJson(value, 'what capture() returned', (problem, options) => {
      throw new InvalidContextError(problem, options);
    });
    const bytes = Buffer.byteLength(text);
    if (bytes <= MOST_BYTES) return withHeaders(undefined, { [HEADER]: JSON.parse(text) as unknown });
    throw new InvalidContextError(
      `what capture() returned has ${bytes} bytes, and ${MOST_BYTES} are allowed: return ids, and look up the rest in run()`,
    );
  }

  /** Never ends before the work that it has begun, and begins it once. */
  async around(job: Pick<Leased, 'headers'>, work: () => unknown): Promise<unknown> {
    let handled: Promise<unknown> | undefined;
    let over = false;
    const next = (): Promise<unknown> => {
      if (over) throw new InvalidContextError('run() called next() after it had ended: await it in run()');
      handled ??= begun(work);
      return handled;
    };
    const failure = await this.failureOf(headerOf(job, HEADER), next);
    over = true;
    const result = await handled;
    if (failure) throw failure.error;
    if (handled) return result;
    throw new InvalidContextError(
      'run() ended without calling next(), so that nothing was handled: call it once',
    );
  }

  private capture(): unknown {
    try {
      return this.context.capture();
    } catch (error) {
      if (error instanceof JobQueueError) throw error;
      // Its message may hold what was captured, so it is only the cause, and in no log.
      throw new InvalidContextError(`capture() failed with ${errorNameOf(error)}`, { cause: error });
    }
  }

  private async failureOf(
    value: unknown,
    next: () => Promise<unknown>,
  ): Promise<{ readonly error: unknown } | undefined> {
    try {
      await this.context.run(value, next);
      return undefined;
    } catch (error) {
      return { error };
    }
  }
}

/** Its failure is told when it is awaited; run() need not do that. */
function begun(work: () => unknown): Promise<unknown> {
  const handled = new Promise((resolve) => resolve(work()));
  handled.catch(() => undefined);
  return handled;
}

/** @throws InvalidJobOptionError */
export function checkedContext(given: JobContext | undefined): TravellingContext | undefined {
  if (given === undefined) return undefined;
  checkedOptions(given, NAMES, 'context');
  for (const name of ['capture', 'run'] as const) {
    const value = read(given, name);
    if (typeof value !== 'function') throw mustBe(`context.${name}`, 'a function', value);
  }
  return new TravellingContext(given);
}
