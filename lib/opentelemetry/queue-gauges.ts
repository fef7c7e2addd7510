import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import type { QueueBackend } from '../core/contract/backend';
import type { ObservedQueue } from '../core/telemetry/telemetry';
import { DESTINATION, JOBS, OLDEST_READY, QUEUE, STATE, SYSTEM, systemOf } from './names';

const STATES = ['ready', 'delayed', 'reserved', 'buried'] as const;
/** A queue of thousands of pipelines would be thousands of statements and series. */
const MOST_PIPELINES = 100;

/**
 * Gauges of a queue's pipelines, read when a reader of metrics collects. A pipeline that has emptied goes on with zeros as
 * long as the process lives, so that a graph shows it.
 */
export class QueueGauges {
  private readonly known = new Set<string>();

  constructor(
    private readonly meter: Meter,
    private readonly queue: ObservedQueue,
  ) {}

  /** Returns what ends it. */
  start(): () => void {
    const { meter } = this;
    const jobs = meter.createObservableGauge(JOBS, {
      unit: '{job}',
      description: 'Jobs of a pipeline by state',
    });
    const age = meter.createObservableGauge(OLDEST_READY, {
      unit: 's',
      description: 'How long ago the job that is reserved next was added',
    });
    const observe = async (result: BatchObservableResult): Promise<void> => {
      const { backend, name } = this.queue;
      for (const pipeline of await this.pipelines(backend)) {
        const of = { [SYSTEM]: systemOf(backend.name), [QUEUE]: name, [DESTINATION]: pipeline };
        const stats = await backend.inspect.stats(pipeline);
        for (const state of STATES) result.observe(jobs, stats[state], { ...of, [STATE]: state });
        const seconds = stats.ready === 0 ? 0 : await ageOfNext(backend, pipeline);
        result.observe(age, seconds, of);
      }
    };
    // An outage leaves a gap, and the workers have told of it.
    const observeIfItAnswers = (result: BatchObservableResult) => observe(result).catch(() => undefined);
    meter.addBatchObservableCallback(observeIfItAnswers, [jobs, age]);
    return () => meter.removeBatchObservableCallback(observeIfItAnswers, [jobs, age]);
  }

  private async pipelines(backend: QueueBackend): Promise<string[]> {
    for (const pipeline of await backend.inspect.pipelines()) {
      if (this.known.size < MOST_PIPELINES) this.known.add(pipeline);
    }
    return [...this.known];
  }
}

/** In seconds. */
async function ageOfNext(backend: QueueBackend, pipeline: string): Promise<number> {
  const next = await backend.inspect.peek(pipeline, 'ready');
  if (!next?.addedAt) return 0;
  return Math.max(0, (Date.now() - next.addedAt.getTime()) / 1000);
}
