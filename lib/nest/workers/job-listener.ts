import type { JobEventListener, JobEventName } from '../../core/policy/job-events';
import { inOwnContext } from '../../core/worker/run/job-context';
import type { JobQueueSettings } from '../options/job-queue.options';
import type { FoundListener } from './job-queue.explorer';

/** The listener for the jobs of its pipelines, in the context in which each of them ran. */
export function jobListener(
  { pipelines, listener }: FoundListener,
  { context, telemetry }: Pick<JobQueueSettings, 'context' | 'telemetry'>,
): JobEventListener<JobEventName> {
  const heard: typeof listener =
    context || telemetry
      ? (event) => {
          const listen = (): unknown => listener(event);
          const restored = context ? () => context.around(event.job, listen) : listen;
          return inOwnContext(telemetry ? () => telemetry.within(event.job, restored) : restored);
        }
      : listener;
  return pipelines.size === 0 ? heard : (event) => pipelines.has(event.job.pipeline) && heard(event);
}
