import { EventEmitter, once } from 'node:events';
import type { Payload, WorkOptions, Working } from '../contender';

export interface RawJob {
  readonly id: string | number;
  readonly payload: string;
}

export interface BatchSource {
  readonly concurrency: number;
  readonly handler: WorkOptions['handler'];
  /** Deletes what is done and claims up to that many. */
  exchange(done: readonly RawJob['id'][], wanted: number): Promise<readonly RawJob[]>;
  /** Resolves when there may be a job; `stopped` says that nobody waits any more. */
  hint(stopped: AbortSignal): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Tells this process's worker of this process's jobs. */
export class Bell {
  private readonly events = new EventEmitter();

  ring(): void {
    this.events.emit('added');
  }

  /** Resolves when it rings, or when the other one does: what tells of other processes' jobs. */
  async heard(stopped: AbortSignal, other: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const heard = new AbortController();
    const signal = AbortSignal.any([stopped, heard.signal]);
    const ignored = (): undefined => undefined;
    await Promise.race([once(this.events, 'added', { signal }).catch(ignored), other(signal).catch(ignored)]);
    heard.abort();
  }
}

/** The plainest worker: one exchange in flight, as many jobs in it as handlers may run, no clock of its own. */
export function workInBatches(source: BatchSource): Working {
  const stopping = new AbortController();
  const ended = run(source, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await ended;
      await source.close();
    },
  };
}

async function run(source: BatchSource, stopped: AbortSignal): Promise<void> {
  let done: RawJob['id'][] = [];
  while (!stopped.aborted) {
    const jobs = await source.exchange(done, source.concurrency);
    for (const { payload } of jobs) source.handler(JSON.parse(payload) as Payload);
    if (jobs.length === 0 && done.length === 0) await source.hint(stopped);
    done = jobs.map(({ id }) => id);
  }
  if (done.length > 0) await source.exchange(done, 0);
}
